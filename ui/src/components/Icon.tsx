// SPDX-License-Identifier: Apache-2.0

const paths = {
  server: 'M2 4h10v3H2zM2 8.5h10v3H2z',
  client: 'M2 7h8M7 4l3 3-3 3',
  producer: 'M2 10.5h7M9 10.5V3.5M6.5 6 9 3.5 11.5 6',
  consumer: 'M2 3.5h7M9 3.5v7M6.5 8 9 10.5 11.5 8',
  database:
    'M7 2c3 0 4.5 1 4.5 2S10 6 7 6 2.5 5 2.5 4 4 2 7 2zM2.5 4v6c0 1 1.5 2 4.5 2s4.5-1 4.5-2V4M2.5 7c0 1 1.5 2 4.5 2s4.5-1 4.5-2',
  internal: 'M4 4h6v6H4z',
  close: 'M3.5 3.5l7 7M10.5 3.5l-7 7',
  copy: 'M5 5h7v7H5zM9 5V2H2v7h3',
  check: 'M2.5 7.5l3 3 6-7',
  back: 'M9 2.5 4.5 7 9 11.5',
  down: 'M3.5 5.5 7 9l3.5-3.5',
  search: 'M6 2.5a3.5 3.5 0 1 0 0 7 3.5 3.5 0 0 0 0-7zM8.7 8.7 12 12',
  theme: 'M7 2a5 5 0 1 0 0 10zM7 2a5 5 0 0 1 0 10',
  warning: 'M7 2 12.5 12h-11zM7 6v3M7 10.3v.4',
} as const;

export type IconName = keyof typeof paths;

interface IconProps {
  readonly name: IconName;
  /** Spoken; without it the icon is decoration. */
  readonly label?: string;
}

export function Icon({ name, label }: IconProps) {
  return (
    <svg
      className={`icon icon-${name}`}
      viewBox="0 0 14 14"
      role={label ? 'img' : undefined}
      aria-label={label}
      aria-hidden={label ? undefined : true}
    >
      {label && <title>{label}</title>}
      <path d={paths[name]} />
    </svg>
  );
}

const kindIcons: readonly IconName[] = ['internal', 'internal', 'server', 'client', 'producer', 'consumer'];

export function KindIcon({ kind, database }: { readonly kind: number; readonly database: boolean }) {
  return <Icon name={database ? 'database' : (kindIcons[kind] ?? 'internal')} />;
}
