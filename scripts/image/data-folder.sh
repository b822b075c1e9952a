#!/bin/sh
# Image, last stage: the one folder that the server writes to, owned by the user it runs as.
# Usage: data-folder.sh UID:GID, with ROVERCAST_DATA_DIR set.
set -eu
mkdir -p "$ROVERCAST_DATA_DIR"
chmod 0700 "$ROVERCAST_DATA_DIR"
# An image is always built by root; only a rehearsal outside of a container may lack the right, and the need.
if [ "$(id -u)" = 0 ]; then chown "$1" "$ROVERCAST_DATA_DIR"; fi
