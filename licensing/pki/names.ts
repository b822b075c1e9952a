// Distinguished names, as short as they can be: who it is, and for authorities whose.

import { AttributeTypeAndValue, AttributeValue, Name, RelativeDistinguishedName } from '@peculiar/asn1-x509';
import { OID } from './oids.ts';

export interface NameParts {
  readonly commonName: string;
  readonly organization?: string;
}

export function nameOf({ commonName, organization }: NameParts): Name {
  const parts = [
    ...(organization === undefined ? [] : [{ type: OID.organizationName, text: organization }]),
    { type: OID.commonName, text: commonName },
  ];
  return new Name(
    parts.map(({ type, text }) => {
      const value = new AttributeValue({ utf8String: text });
      return new RelativeDistinguishedName([new AttributeTypeAndValue({ type, value })]);
    }),
  );
}
