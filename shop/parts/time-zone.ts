/** The zone in which times are shown, by its name of the IANA, such as Asia/Shanghai. */
export function timeZone(): string {
  return new Intl.DateTimeFormat().resolvedOptions().timeZone;
}
