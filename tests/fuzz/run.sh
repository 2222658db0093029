#!/usr/bin/env bash
# run.sh FOLDER [TARGET...]: runs the fuzz targets built in FOLDER (all, or those named), each for a bounded number
# of inputs, beginning with the seeds and with corpus/TARGET beside this script. Fails when one of them does.
#
#   RUNS=N          inputs for each target (20000; slow ones get a tenth)
#   SECONDS_EACH=N  at most so long for each (120)
#   SEED=N          another one looks elsewhere (1)
set -euo pipefail

here=$(dirname -- "$(readlink -f -- "${BASH_SOURCE[0]}")")
built=${1:?usage: run.sh FOLDER [TARGET...]}
shift
targets=("$@")
((${#targets[@]})) || targets=(archive certificate certificate_file certificate_source http_answer local_file server_config
  targets redact handshake own_tls starttls signature ocsp catalogue judge report explain)
runs=${RUNS:-20000}

work=$built/work
mkdir -p "$work/found"
"$built/fuzz_seeds" "$work/seeds"

failed=()
for target in "${targets[@]}"; do
  count=$runs
  case $target in local_file | judge | redact | report | catalogue | explain) count=$((runs / 10)) ;; esac
  corpora=("$work/seeds/$target")
  [[ -d $here/corpus/$target ]] && corpora+=("$here/corpus/$target")
  echo "fuzz: $target, $count inputs" >&2
  # The corpora are only read: each run begins alike, so that a failure is found again.
  rm -rf "$work/grown/$target"
  mkdir -p "$work/grown/$target"
  if ! "$built/${target}_fuzz" -runs="$count" -max_total_time="${SECONDS_EACH:-120}" -seed="${SEED:-1}" -max_len=8192 -timeout=20 \
    -rss_limit_mb=2048 -print_final_stats=1 -artifact_prefix="$work/found/$target-" \
    "$work/grown/$target" "${corpora[@]}" >"$work/$target.log" 2>&1; then
    tail -n 40 "$work/$target.log" >&2
    failed+=("$target")
  fi
done

if ((${#failed[@]})); then
  echo "fuzz: failed: ${failed[*]}; inputs are in $work/found" >&2
  exit 1
fi
