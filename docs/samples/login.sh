#!/bin/bash
# Logs a device in. From the environment: SERVER (http://host:8080), APP_KEY, APP_SECRET, DEVICE; TS and NONCE for tests.
path=/v1/terminal/login body='{"mountpoint":"TEST1"}'
ts=${TS:-$(date +%s)} nonce=${NONCE:-$(openssl rand -hex 16)}
hash=$(printf '%s' "$body" | openssl dgst -sha256 -r | cut -c1-64)
sig=$(printf 'RC1-HMAC-SHA256\n%s\n%s\n%s\nPOST\n%s\n%s' "$ts" "$nonce" "$DEVICE" "$path" "$hash" |
  openssl dgst -sha256 -hmac "$APP_SECRET" -binary | openssl base64 -A | tr '+/' '-_' | tr -d '=')
curl -sS --fail-with-body -H 'Content-Type: application/json' --data-raw "$body" \
  -H "Authorization: RC1-HMAC-SHA256 app=$APP_KEY,ts=$ts,nonce=$nonce,device=$DEVICE,sig=$sig" "$SERVER$path"
