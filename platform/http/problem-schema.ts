// The body of every error, as a schema for the reference.

import { z } from 'zod';

const faultSchema = z
  .strictObject({
    param: z
      .string()
      .meta({ description: 'JSON pointer into the body, or the name of a parameter or header' }),
    detail: z.string(),
  })
  .meta({ id: 'Fault' });

export const problemSchema = z
  .strictObject({
    type: z.string().meta({ description: 'urn:rovercast:error: and the code' }),
    title: z.string(),
    status: z.int(),
    code: z.string().meta({ description: 'Stable: what programs compare' }),
    detail: z.string().optional(),
    param: z.string().optional(),
    errors: z.array(faultSchema).optional().meta({ description: 'Every fault, where there may be many' }),
    fix: z.string().meta({ description: 'What whoever asked should do' }),
    instance: z.string().meta({ description: 'The id of the request' }),
  })
  .meta({ id: 'Problem' });
