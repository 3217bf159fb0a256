#!/bin/sh
# A nightly job: extracts a file into a directory of the day, asks once more for the records that were rejected, and writes the
# results for those who wait for them only when the run is whole. Started again on the same day, it continues.
#
#     nightly.sh receipt /data/receipts.csv /data/runs --project my-project --location global --max-cost 20
set -u
definition=$1 input=$2 runs=$3
shift 3
out="$runs/$(date -u +%F)"

gleaner run "$definition" "$input" --out "$out" --cache "$runs/answers.db" --accept-changes "$@"
code=$?
if [ "$code" -eq 1 ]; then
  gleaner retry "$out" "$@"
  code=$?
fi
# 0 is a whole run. Anything else is for whoever looks in the morning: cron mails what was said, and the code.
[ "$code" -eq 0 ] || exit "$code"
gleaner export "$out" --output "$runs/latest.csv.part" --format csv && mv "$runs/latest.csv.part" "$runs/latest.csv"
