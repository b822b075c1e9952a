// Grants made and read by OpenSSL and Python's cryptography, without a line of ours: a cloud and a vehicle of somebody
// else, as docs/grants.md lets them be written.

import { spawnSync } from 'node:child_process';

export function whyNoPython(): string | undefined {
  const { status } = spawnSync('python3', [
    '-c',
    'from cryptography.hazmat.primitives.ciphers.aead import AESGCM',
  ]);
  return status === 0 ? undefined : 'python3 has no cryptography';
}

const PROGRAM = `
import base64, json, os, subprocess, sys
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

def b64u(b): return base64.urlsafe_b64encode(b).rstrip(b'=').decode()
def unb64u(t): return base64.urlsafe_b64decode(t + '=' * (-len(t) % 4))
def jcs(v): return json.dumps(v, sort_keys=True, separators=(',', ':'), ensure_ascii=False).encode()
def openssl(*words, data=b''):
    done = subprocess.run(['openssl', *words], input=data, capture_output=True)
    if done.returncode: raise SystemExit(done.stderr.decode())
    return done.stdout
def file(name, data):
    with open(name, 'wb') as f: f.write(data)
    return name
OAEP = [w for o in ('rsa_padding_mode:oaep', 'rsa_oaep_md:sha256', 'rsa_mgf1_md:sha256') for w in ('-pkeyopt', o)]
SM2 = ['-rawin', '-digest', 'sm3', '-pkeyopt', 'distid:1234567812345678']

def raw_of(der):
    parsed = openssl('asn1parse', '-inform', 'DER', data=der).decode()
    numbers = [line.rsplit(':', 1)[1] for line in parsed.splitlines() if 'INTEGER' in line]
    return b''.join(bytes.fromhex(n.zfill(64)) for n in numbers)
def der_of(raw):
    def integer(b):
        b = b.lstrip(b'\\0') or b'\\0'
        if b[0] > 127: b = b'\\0' + b
        return bytes([2, len(b)]) + b
    body = integer(raw[:32]) + integer(raw[32:])
    return bytes([48, len(body)]) + body
def sign(alg, key, data):
    if alg == 'ES256': return raw_of(openssl('dgst', '-sha256', '-sign', key, data=data))
    return raw_of(openssl('pkeyutl', '-sign', '-inkey', key, '-in', file('tbs', data), *SM2))
def verify(alg, key, data, raw):
    file('sig.der', der_of(raw))
    if alg == 'ES256': return openssl('dgst', '-sha256', '-verify', key, '-signature', 'sig.der', data=data)
    return openssl('pkeyutl', '-verify', '-pubin', '-inkey', key, '-in', file('tbs', data), '-sigfile', 'sig.der', *SM2)

def make(ask):
    header, right, activation = ask['header'], ask['softRight'], ask['activation']
    alg, oaep = header['sigAlg'], OAEP if header['keyAlg'] == 'RSA-OAEP-256' else []
    payload = jcs(activation)
    text = 'VLA1.%s.%s' % (b64u(payload), b64u(sign(alg, 'activation.pem', payload)))
    content = jcs({**{k: header[k] for k in ('vin', 'certID', 'grantId', 'seq')}, 'softRight': right, 'activation': text})
    key, nonce = os.urandom(16), os.urandom(12)
    grant = dict(header)
    grant['encrySoftRight'] = b64u(nonce + AESGCM(key).encrypt(nonce, content, jcs(header)))
    grant['asyAESKey'] = b64u(openssl('pkeyutl', '-encrypt', '-pubin', '-inkey', 'vehicle.pub', '-in', file('key', key), *oaep))
    grant['sig'] = b64u(sign(alg, 'grant.pem', jcs(grant)))
    return grant

def read(grant):
    header = {k: v for k, v in grant.items() if k not in ('encrySoftRight', 'asyAESKey', 'sig')}
    verify(header['sigAlg'], 'grant.pub', jcs({k: v for k, v in grant.items() if k != 'sig'}), unb64u(grant['sig']))
    oaep = OAEP if header['keyAlg'] == 'RSA-OAEP-256' else []
    key = openssl('pkeyutl', '-decrypt', '-inkey', 'vehicle.pem', '-in', file('wrapped', unb64u(grant['asyAESKey'])), *oaep)
    sealed = unb64u(grant['encrySoftRight'])
    content = json.loads(AESGCM(key).decrypt(sealed[:12], sealed[12:], jcs(header)))
    form, payload, sig = content['activation'].split('.')
    verify(header['sigAlg'], 'activation.pub', unb64u(payload), unb64u(sig))
    return {'content': content, 'activation': json.loads(unb64u(payload)), 'form': form}

print(json.dumps({'make': make, 'read': read}[sys.argv[1]](json.load(sys.stdin))))
`;

/** The folder holds `vehicle`, `grant` and `activation`, each as `.pem` (private) and `.pub`. */
export function foreign(folder: string, what: 'make' | 'read', ask: object): unknown {
  const { stdout, stderr, status } = spawnSync('python3', ['-c', PROGRAM, what], {
    cwd: folder,
    input: JSON.stringify(ask),
    encoding: 'utf8',
  });
  if (status !== 0) throw new Error(stderr);
  return JSON.parse(stdout);
}
