// The satellite systems that RTCM 3 knows, by the names that the NTRIP sourcetable uses (NTRIP 2.0, STR record,
// nav-system field), in the order in which they are listed there.

export const SATELLITE_SYSTEMS = ['GPS', 'GLO', 'GAL', 'BDS', 'QZS', 'SBAS', 'IRN'] as const;

export type SatelliteSystem = (typeof SATELLITE_SYSTEMS)[number];
