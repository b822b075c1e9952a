#!/bin/sh
# Image, build stage: TypeScript to dist/.
set -eu
node scripts/build.mjs
