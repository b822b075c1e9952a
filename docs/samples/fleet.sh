#!/bin/bash
# Sets up a fleet. From the environment: SERVER (http://host:8080) and KEY. Prints the app and its secret, then the accounts.
set -euo pipefail
post() {
  curl -sS --fail-with-body -H "Authorization: Bearer $KEY" -H 'Content-Type: application/json' \
    --data-raw "$2" "$SERVER/v1/$1"
}
field() { grep -o "\"$1\":\"[^\"]*\"" | head -n 1 | cut -d '"' -f 4; }

# 1. Where the base pushes to, and the rovers listen.
post mountpoints '{"name": "FIELD", "sourcePassword": "choose-one-for-the-base"}' > /dev/null
# 2. What the service gives.
spec=$(post service-specs '{"name": "Fields", "mountpoints": ["FIELD"]}' | field id)
# 3. The app by which the fleet logs in. Its secret is shown this once.
app=$(post apps "{\"name\": \"Tractors\", \"serviceSpecId\": \"$spec\"}")
id=$(echo "$app" | field id)
echo "app $id, key $(echo "$app" | field appKey), secret $(echo "$app" | field appSecret)"
# 4. Accounts: for receivers into which they are typed, and the pool of devices that log in by the app.
accounts=$(post "apps/$id/accounts" '{"count": 3, "prefix": "tractor-"}')
echo "$accounts"
# 5. Devices, one with an account of its own for good. As CSV: -H 'Content-Type: text/csv' --data-binary @devices.csv
first=$(echo "$accounts" | field id)
post "apps/$id/devices" "{\"devices\": [{\"deviceId\": \"17\", \"accountId\": \"$first\"}, {\"deviceId\": \"18\"}]}"
