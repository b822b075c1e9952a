// A word with a color, as tables have hundreds of: plain markup, as a table that scrolls draws dozens of them a frame.

export type TagColor = 'green' | 'yellow' | 'orange' | 'red' | 'blue' | 'grape' | 'gray';

export interface TagProps {
  readonly color: TagColor;
  readonly isOutlined?: boolean;
  readonly children: string;
}

export function Tag({ color, isOutlined = false, children }: TagProps) {
  return <span className={`tag is-${color}${isOutlined ? ' is-outlined' : ''}`}>{children}</span>;
}
