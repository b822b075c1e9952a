# Logs a device in (login), tells how it stands (status), or prints the password of signed NTRIP (ntrip MOUNTPOINT).
# From the environment: SERVER (http://host:8080), APP_KEY, APP_SECRET, DEVICE; TS and NONCE for tests.
import base64, hashlib, hmac, os, secrets, sys, time, urllib.request

def sign(method, path, body=b""):
    ts, nonce = os.environ.get("TS") or str(int(time.time())), os.environ.get("NONCE") or secrets.token_urlsafe(16)
    lines = ["RC1-HMAC-SHA256", ts, nonce, DEVICE, method, path, hashlib.sha256(body).hexdigest()]
    mac = hmac.new(os.environ["APP_SECRET"].encode(), "\n".join(lines).encode(), hashlib.sha256).digest()
    return ts, nonce, base64.urlsafe_b64encode(mac).decode().rstrip("=")

def call(method, path, body=None):
    ts, nonce, sig = sign(method, path, body or b"")
    auth = f"RC1-HMAC-SHA256 app={os.environ['APP_KEY']},ts={ts},nonce={nonce},device={DEVICE},sig={sig}"
    headers = {"Authorization": auth, "Content-Type": "application/json"}
    request = urllib.request.Request(os.environ["SERVER"] + path, body, headers, method=method)
    return urllib.request.urlopen(request, timeout=15).read().decode()

DEVICE = os.environ.get("DEVICE", "")
if sys.argv[1] == "login": print(call("POST", "/v1/terminal/login", b'{"mountpoint":"TEST1"}'))
if sys.argv[1] == "status": print(call("GET", "/v1/terminal/status?verbose=1"))
if sys.argv[1] == "ntrip": print("rc1.%s.%s.%s" % sign("NTRIP", "/" + sys.argv[2]))
