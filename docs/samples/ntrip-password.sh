#!/bin/bash
# Prints the password of signed NTRIP for the mountpoint $1. From the environment: APP_SECRET, DEVICE; TS, NONCE for tests.
ts=${TS:-$(date +%s)} nonce=${NONCE:-$(openssl rand -hex 16)}
hash=$(printf '' | openssl dgst -sha256 -r | cut -c1-64)
sig=$(printf 'RC1-HMAC-SHA256\n%s\n%s\n%s\nNTRIP\n/%s\n%s' "$ts" "$nonce" "$DEVICE" "$1" "$hash" |
  openssl dgst -sha256 -hmac "$APP_SECRET" -binary | openssl base64 -A | tr '+/' '-_' | tr -d '=')
echo "rc1.$ts.$nonce.$sig"
