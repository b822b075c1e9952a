// The steps of an order as a list: each says by a word what it is, not by its color alone.

import { Text, VisuallyHidden } from '@mantine/core';
import type { OrderProgress } from '../../../console/api/api-types.ts';
import { useFormats } from '../../../console/i18n/formats.ts';
import { useText } from '../../../console/i18n/messages.ts';
import { Icon } from '../../../console/parts/icon.tsx';
import { orderMessages } from './messages.ts';
import { stepsOf } from './steps.ts';

export function ProgressSteps({ progress }: { readonly progress: OrderProgress }) {
  const text = useText(orderMessages);
  const formats = useFormats();
  return (
    <ol className="shop-steps" aria-label={text.progress}>
      {stepsOf(progress).map(({ name, mark, at }) => (
        <li key={name} className={`shop-step is-${mark}`} aria-current={mark === 'now' ? 'step' : undefined}>
          <span className="shop-step-sign" aria-hidden="true">
            {mark === 'done' && <Icon name="check" size={16} />}
            {mark === 'failed' && <Icon name="warning" size={16} />}
          </span>
          <span>
            <span className="shop-step-name">{text.steps[name]}</span>
            {at === undefined ? (
              <Text component="span" size="sm" c="dimmed" display="block">
                {name === 'paid' && mark === 'now' ? text.waitsForYou : text.marks[mark]}
              </Text>
            ) : (
              <Text component="span" size="sm" c="dimmed" display="block">
                <VisuallyHidden>{text.marks[mark]}</VisuallyHidden> {formats.zonedDateTime(at)}
              </Text>
            )}
          </span>
        </li>
      ))}
    </ol>
  );
}
