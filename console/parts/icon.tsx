// The few pictures of the console, drawn here. They say nothing that a text beside them does not say: hidden from readers.

const PATHS = {
  overview: 'M3 12h4l3 8 4-16 3 8h4',
  connections: 'M8 12h8M4 8v8m16-8v8M8 6v12m8-12v12',
  mountpoints: 'M12 13v8M8 21h8M12 13a2 2 0 1 0 0-4 2 2 0 0 0 0 4ZM7 15a6 6 0 0 1 0-9m10 0a6 6 0 0 1 0 9',
  map: 'M9 4 3 6.5v13L9 17l6 3 6-2.5v-13L15 7 9 4Zm0 0v13m6-10v13',
  apps: 'M4 4h6v6H4zM14 4h6v6h-6zM4 14h6v6H4zM17 14v6m-3-3h6',
  specs: 'M4 6h16M4 12h10M4 18h6M17 14l2 2 4-4',
  plans:
    'M12 3v18M16.5 7.5C16 6 14.5 5 12 5 9.5 5 8 6.3 8 8.2c0 4.6 9 2.4 9 7C17 17.5 15 19 12 19c-2.8 0-4.5-1-5-3',
  usage: 'M4 20V10m6 10V4m6 16v-7m5 7H2',
  customers: 'M12 12a4 4 0 1 0 0-8 4 4 0 0 0 0 8ZM4 21a8 8 0 0 1 16 0',
  why: 'M12 3a9 9 0 1 0 0 18 9 9 0 0 0 0-18ZM9.5 9.5a2.5 2.5 0 1 1 3.6 2.2c-.7.4-1.1 1-1.1 1.8m0 3v.01',
  keys: 'M15.5 3.5a5 5 0 1 0 0 10 5 5 0 0 0 0-10ZM12 12 4 20m2.5-2.5L9 20m0-5 2.5 2.5',
  audit: 'M6 3h9l4 4v14H6zM9 12h7m-7 4h7m-7-8h3',
  vehicles: 'M4 16v-3l2-6h12l2 6v3M4 16v3h3v-3m10 0v3h3v-3M4 16h16M4 13h16M7.5 16v.01m9 0v.01',
  products: 'M4 8l8-4 8 4v8l-8 4-8-4V8Zm0 0 8 4 8-4M12 12v8',
  orders: 'M6 3h12v18l-3-2-3 2-3-2-3 2V3Zm3 5h6m-6 4h6',
  entitlements: 'M12 3l7 3v6c0 4-3 7-7 9-4-2-7-5-7-9V6l7-3Zm-3 9 2 2 4-4',
  releases: 'M12 15V4m-4 4 4-4 4 4M4 14v6h16v-6',
  drivers: 'M12 4a4 4 0 1 0 0 8 4 4 0 0 0 0-8ZM4 21c0-4 3.5-6 8-6s8 2 8 6',
  settings: 'M4 7h9m4 0h3M4 17h3m4 0h9M15 4.5v5M9 14.5v5',
  reference: 'M8 7l-5 5 5 5M16 7l5 5-5 5M13.5 4l-3 16',
  copy: 'M9 9h10v10H9zM5 15V5h10',
  check: 'M5 13l4 4L19 7',
  warning: 'M12 4L2.5 20h19L12 4ZM12 10v4m0 3v.01',
  sun: 'M12 8a4 4 0 1 0 0 8 4 4 0 0 0 0-8ZM12 3v2m0 14v2M3 12h2m14 0h2M5.6 5.6 7 7m10 10 1.4 1.4m0-12.8L17 7M7 17l-1.4 1.4',
  moon: 'M20 14a8 8 0 1 1-10-10 7 7 0 0 0 10 10Z',
  auto: 'M12 4a8 8 0 1 0 0 16V4Zm0 0a8 8 0 0 1 0 16',
  signOut: 'M14 5H6v14h8M10 12h11m-4-4 4 4-4 4',
  up: 'M6 15l6-6 6 6',
  down: 'M6 9l6 6 6-6',
  search: 'M10.5 4a6.5 6.5 0 1 0 0 13 6.5 6.5 0 0 0 0-13ZM15.5 15.5 21 21',
  plus: 'M12 5v14M5 12h14',
  minus: 'M5 12h14',
  fit: 'M4 9V4h5m6 0h5v5m0 6v5h-5m-6 0H4v-5',
  remove: 'M6 6l12 12M18 6 6 18',
  person: 'M12 4a4 4 0 1 0 0 8 4 4 0 0 0 0-8ZM4 21a8 8 0 0 1 16 0',
  back: 'M15 5l-7 7 7 7',
  printer: 'M7 9V3h10v6M7 17H4v-7h16v7h-3M7 14h10v7H7z',
} as const;

export type IconName = keyof typeof PATHS;

export function Icon({ name, size = 18 }: { readonly name: IconName; readonly size?: number }) {
  return (
    <svg
      aria-hidden="true"
      viewBox="0 0 24 24"
      width={size}
      height={size}
      fill="none"
      stroke="currentColor"
      strokeWidth="1.8"
      strokeLinecap="round"
      strokeLinejoin="round"
    >
      <path d={PATHS[name]} />
    </svg>
  );
}
