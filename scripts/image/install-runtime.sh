#!/bin/sh
# Image, packages stage: what the server needs while it runs, and nothing else.
set -eu
npm ci --omit=dev --ignore-scripts --no-audit --no-fund --loglevel=error
# The base image has its own Node; the one that serves checkouts would only add to the size.
rm -rf node_modules/node-linux-* node_modules/.bin/node
