// The Date header (RFC 9110 §5.6.7), made at most once a second however many replies go out.

let madeForS = -1;
let text = '';

export function httpDate(): string {
  const nowS = Math.floor(Date.now() / 1000);
  if (nowS !== madeForS) {
    madeForS = nowS;
    text = new Date(nowS * 1000).toUTCString();
  }
  return text;
}
