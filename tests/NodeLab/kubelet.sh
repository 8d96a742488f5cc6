#!/bin/bash
# Stands where a kubelet stands: it reads the same flags, ends with the kubelet's words when one is wrong, and
# otherwise runs until it is stopped. A unit with a broken kubeadm-flags.env therefore fails as it does on a real node.
fail() { echo "E0714 $(date +%T) $$ run.go:72] \"command failed\" err=\"$*\"" >&2; exit 1; }

is_address() {
  local octet octets
  [[ $1 == *:* && $1 =~ ^[0-9a-fA-F:]+$ ]] && return
  [[ $1 =~ ^[0-9]{1,3}(\.[0-9]{1,3}){3}$ ]] || return
  IFS=. read -ra octets <<< "$1"
  for octet in "${octets[@]}"; do ((10#$octet <= 255)) || return; done
}

runtime=
for flag in "$@"; do
  value=${flag#*=}
  case $flag in
    --node-ip=*)
      for address in ${value//,/ }; do
        is_address "$address" || fail "failed to run Kubelet: invalid node IP \\\"$address\\\""
      done ;;
    --container-runtime-endpoint=*) runtime=$value ;;
    --bootstrap-kubeconfig=* | --kubeconfig=* | --config=* | --pod-infra-container-image=* | --hostname-override=* | --v=*) ;;
    -*) fail "failed to parse kubelet flag: unknown flag: ${flag%%=*}" ;;
    *) fail "unknown command $flag" ;;
  esac
done
[[ -n $runtime ]] || fail "failed to run Kubelet: the container runtime endpoint address was not specified or empty, use --container-runtime-endpoint to set"

echo "I0714 $(date +%T) $$ server.go:525] \"Kubelet version\" flags=\"$*\""
sleep infinity &
trap 'kill $!; exit 0' TERM
wait
