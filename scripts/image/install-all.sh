#!/bin/sh
# Image, build stage: every package, for compiling.
set -eu
npm ci --ignore-scripts --no-audit --no-fund --loglevel=error
