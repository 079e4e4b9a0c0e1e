#!/bin/sh
# Signalbox with nothing but curl: list the models, ask, ask again and watch the answer come.
#
#   bin/signalbox serve --demo                  # in another terminal; prints a key
#   SIGNALBOX_KEY=sb-… examples/curl.sh "What is 12 * 7?"
set -eu

url=${SIGNALBOX_URL:-http://127.0.0.1:4000}
key=${SIGNALBOX_KEY:?"Set SIGNALBOX_KEY to a key of your gateway: the first start prints one, bin/signalbox keys create makes more."}
model=${SIGNALBOX_MODEL:-demo-chat}
question=${1:-"What is 12 * 7?"}

# JSON strings need their quotes and backslashes escaped.
quoted() { printf '"%s"' "$(printf %s "$1" | sed 's/[\\"]/\\&/g')"; }
# With --fail-with-body a refusal is printed and ends the script with 22.
call() { curl --silent --show-error --fail-with-body --header "Authorization: Bearer $key" --header 'Content-Type: application/json' "$@"; }
message="{\"role\": \"user\", \"content\": $(quoted "$question")}"

echo "The models this key may use:"
call "$url/v1/models"

echo
echo "An answer in one piece:"
call "$url/v1/chat/completions" --data "{\"model\": $(quoted "$model"), \"messages\": [$message]}"

echo
echo "The same as it is written, one JSON chunk a line, with the usage in the last:"
call --no-buffer "$url/v1/chat/completions" \
  --data "{\"model\": $(quoted "$model"), \"messages\": [$message], \"stream\": true, \"stream_options\": {\"include_usage\": true}}" |
  sed -n 's/^data: //p'
