// How the caster names itself on the wire. A constant, because this folder knows no configuration; a test holds it
// against package.json.

/** Value of the Server header. NTRIP 2.0 wants it to start with NTRIP. */
export const SERVER_TOKEN = 'NTRIP Rovercast/0.1.0';
