// Object identifiers that no library names: keys, signatures and attributes of both algorithms.

export const OID = {
  rsaEncryption: '1.2.840.113549.1.1.1',
  sha256WithRsa: '1.2.840.113549.1.1.11',
  /** RFC 5480: which curve it is stands in the parameters. */
  ecPublicKey: '1.2.840.10045.2.1',
  /** GM/T 0006: SM2 signature with SM3, parameters absent. */
  sm2WithSm3: '1.2.156.10197.1.501',
  /** PKCS #9 (RFC 2985 §5.4.1): what ties a request to one challenge. */
  challengePassword: '1.2.840.113549.1.9.7',
  commonName: '2.5.4.3',
  organizationName: '2.5.4.10',
  clientAuth: '1.3.6.1.5.5.7.3.2',
  serverAuth: '1.3.6.1.5.5.7.3.1',
} as const;

/** DER of 1.2.156.10197.1.301, the parameters of an SM2 key. */
export const SM2_CURVE_PARAMETERS = Buffer.from('06082a811ccf5501822d', 'hex');
