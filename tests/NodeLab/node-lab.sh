#!/bin/bash
# node-lab.sh: three real Linux nodes on one machine (Debian, root), for the integration tests.
#
#   node-lab.sh [--name NAME] [--port BASE] [--owner PID] up      start the nodes; prints what `status` prints
#   node-lab.sh [--name NAME] status                              where the nodes are and how to log in
#   node-lab.sh [--name NAME] exec NODE COMMAND...                run a command on a node as root, without SSH
#   node-lab.sh [--name NAME] flannel [remove|beside]             lay flannel's and kube-proxy's work on the nodes
#   node-lab.sh [--name NAME] residue strangers|leftovers|remove  lay what removals must spare, and must find
#   node-lab.sh [--name NAME] restart NODE                        reset a node, or turn one on that was powered off
#   node-lab.sh [--name NAME] down                                remove everything; also what a killed `up` left
#
# A node is a set of namespaces with its own systemd, sshd, /etc, /run, bpffs and cgroup. As with Vagrant on
# VirtualBox, eth0 is 10.0.2.15 on every node behind a NAT of its own, eth1 is 192.168.10.100 to .102 on a common
# switch, and SSH is forwarded from 127.0.0.1: ports BASE to BASE+2, by default the first free ones from 61000, above those that Linux gives out by itself.
# No address of a node exists outside the namespaces.
#
# Labs of different names live side by side. With --owner the lab goes down by itself when that process ends.
# NODE_LAB_DISK is the size of a node's disk (256m); NODE_LAB_MIRROR the Debian mirror that debootstrap asks.
set -euo pipefail
export PATH=$PATH:/usr/sbin:/sbin LC_ALL=C

here=$(cd "$(dirname "$(readlink -f "${BASH_SOURCE[0]}")")" && pwd)
nodes=(k8s-ctr k8s-w1 k8s-w2)
eth1_macs=(08:00:27:80:23:b9 08:00:27:07:f2:54 08:00:27:96:d7:20)
run=/run/ciliumlab-node-lab
passphrase="open \"sesame\""

die() { echo "node-lab: $*" >&2; exit 1; }

usage() { sed -n '2,/^set /{/^#/s/^# \{0,1\}//p}' "${BASH_SOURCE[0]}"; }

# --- the lab's cgroup: every process of a lab is below it, so that `down` can kill them all at once ---------------

find_cgroup2() {
  local mount
  mount=$(findmnt --noheadings --first-only --types cgroup2 --output TARGET || true)
  if [[ -z $mount ]]; then
    mount=$run/cgroup2
    mkdir -p "$mount"
    mount -t cgroup2 cgroup2 "$mount" || die "this machine has no cgroup2 file system and none can be mounted"
  fi
  printf '%s\n' "$mount"
}

kill_cgroup() {
  local group=$1 directory processes
  [[ -d $group ]] || return 0
  for _ in {1..200}; do
    if [[ -w $group/cgroup.kill ]]; then
      echo 1 > "$group/cgroup.kill"
    else
      mapfile -t processes < <(find "$group" -name cgroup.procs -exec cat {} + 2>/dev/null)
      kill -KILL "${processes[@]}" 2>/dev/null || true
    fi
    while read -r directory; do
      rmdir "$directory" 2>/dev/null || true
    done < <(find "$group" -depth -type d 2>/dev/null)
    [[ -d $group ]] || return 0
    sleep 0.02
  done
  die "processes of the lab '$name' do not end: $(find "$group" -name cgroup.procs -exec cat {} + 2>/dev/null | tr '\n' ' ')"
}

# starts a command in the background, in a cgroup of the lab, without the lock and without our standard streams
start_in() {
  local group=$cgroup/$1 log=$2
  shift 2
  mkdir -p "$group"
  (
    exec {lock}>&-
    echo "$BASHPID" > "$group/cgroup.procs"
    exec setsid "$@" < /dev/null > "$log" 2>&1
  ) &
  disown
}

# --- network ----------------------------------------------------------------------------------------------------

# a point separates the lab's name from the rest: a name has none in it, so no lab's names begin with another's
namespace() { printf '%s.%s\n' "$name" "$1"; }

add_namespace() { ip netns add "$1" && ip -n "$1" link set lo up; }

add_switch() {
  local switch
  switch=$(namespace switch)
  add_namespace "$switch"
  ip -n "$switch" link add switch up type bridge
}

add_node_network() {
  local index=$1 node switch nat
  node=$(namespace "${nodes[index]}") switch=$(namespace switch) nat=$(namespace "nat$index")
  add_namespace "$node"
  add_namespace "$nat"
  ip link add eth0 netns "$node" address 08:00:27:6b:69:c9 type veth peer name nat netns "$nat"
  ip link add eth1 netns "$node" address "${eth1_macs[index]}" type veth peer name "port$index" netns "$switch"
  ip -n "$switch" link set "port$index" master switch up
  ip -n "$nat" -batch - <<< $'address add 10.0.2.2/24 dev nat\nlink set nat up'
  ip -n "$node" -batch - <<NETWORK
address add 10.0.2.15/24 brd + metric 100 dev eth0
address add 192.168.10.10$index/24 brd + dev eth1
link set eth0 up
link set eth1 up
route add default via 10.0.2.2 dev eth0 proto dhcp src 10.0.2.15 metric 100
NETWORK
  nsenter --net="/run/netns/$node" sysctl --quiet --write net.ipv4.ip_forward=1
}

port_is_free() { [[ -z $(ss --no-header --numeric --tcp --all exclude time-wait "sport = :$1") ]]; }

choose_ports() {
  local base
  for ((base = ${port:-61000}; base <= 65000; base += 10)); do
    if port_is_free "$base" && port_is_free $((base + 1)) && port_is_free $((base + 2)); then
      port=$base
      return
    fi
    [[ -z $port ]] || die "one of the ports $base to $((base + 2)) is in use"
  done
  die "no three free ports from 61000 on"
}

# The listener is in the caller's namespace; each connection is handed to a process that has gone into the node's NAT
# before it dials. `nodelay` on both legs: else Nagle's algorithm and delayed acknowledgements add 40 ms to a turn.
start_forwarder() {
  local index=$1
  start_in forwarders "$state/forwarder$index.log" socat -t 0.1 \
    "TCP-LISTEN:$((port + index)),bind=127.0.0.1,reuseaddr,fork,backlog=64,nodelay" \
    "EXEC:nsenter --net=/run/netns/$(namespace "nat$index") socat -t 0.1 STDIO\,shut-down TCP\:10.0.2.15\:22\,nodelay,nofork"
}

# --- up and down ------------------------------------------------------------------------------------------------

# a process is the one we meant only if it also began at the same time; process ids come round again
started_at() { sed 's/.*) //' "/proc/$1/stat" 2>/dev/null | cut -d ' ' -f 20; }

owner_is_gone() {
  local pid began
  read -r pid began < "$1" || return 1
  [[ $(started_at "$pid" || true) != "$began" ]]
}

sweep() {
  local owner
  for owner in "$run"/*/owner; do
    if [[ -e $owner ]] && owner_is_gone "$owner"; then
      owner=${owner%/owner}
      (exec {lock}>&-; "$here/node-lab.sh" --name "${owner##*/}" down)
    fi
  done
}

answers() {
  local banner=
  { exec {socket}<>"/dev/tcp/127.0.0.1/$1"; } 2>/dev/null || return 1
  read -r -t 2 -u "$socket" banner || true
  exec {socket}>&-
  [[ $banner == SSH-2.0-* ]]
}

wait_for() {
  local index=$1 node=${nodes[$1]}
  for _ in {1..400}; do
    if [[ -s $state/$node/init.pid ]] && answers $((port + index)); then
      # "degraded" is an answer too: a test may have broken a unit before it restarts the node
      on_node "$node" timeout 30 systemctl is-system-running --wait > "$state/$node/system-state" 2>&1 || true
      return
    fi
    has_processes "$node" || break
    sleep 0.05
  done
  tail -n 5 "$state/$node.log" "$state/forwarder$index.log" >&2 || true
  return 1
}

has_processes() { grep -qx 'populated 1' "$cgroup/$1/cgroup.events" 2> /dev/null; }

is_up() {
  local node
  [[ -e $state/ready ]] || return 1
  for node in "${nodes[@]}" forwarders; do
    has_processes "$node" || return 1
  done
  ! { [[ -e $state/owner ]] && owner_is_gone "$state/owner"; }
}

up() {
  local root index result waiting=() failed=()
  if is_up; then
    status
    return
  fi
  remove
  sweep
  root=$("$here/node-root.sh" {lock}>&-)
  trap 'result=$?; trap - EXIT; if ((result)); then abandon; fi; exit "$result"' EXIT
  trap 'exit 130' INT
  trap 'exit 143' TERM HUP

  mkdir -p "$state"
  if [[ -n $owner ]]; then
    printf '%s %s\n' "$owner" "$(started_at "$owner")" > "$state/owner"
    start_in watch "$state/watch.log" "$here/node-lab.sh" --name "$name" watch
  fi
  ssh-keygen -q -t ed25519 -N '' -C node-lab -f "$state/id_ed25519"
  cp "$state/id_ed25519" "$state/id_ed25519_encrypted"
  cp "$state/id_ed25519.pub" "$state/id_ed25519_encrypted.pub"
  ssh-keygen -q -p -P '' -N "$passphrase" -f "$state/id_ed25519_encrypted" > /dev/null

  add_switch
  for index in "${!nodes[@]}"; do
    add_node_network "$index"
    mkdir -p "$state/${nodes[index]}"
    start_in "${nodes[index]}" "$state/${nodes[index]}.log" nsenter --net="/run/netns/$(namespace "${nodes[index]}")" \
      unshare --mount "$here/node-boot.sh" "${nodes[index]}" "$state" "$root"
  done
  # the ports of two labs that start at once must not be chosen from the same free ones
  exec {ports}< "$run"
  flock "$ports"
  choose_ports
  for index in "${!nodes[@]}"; do (exec {ports}>&-; start_forwarder "$index"); done
  for _ in {1..100}; do
    port_is_free "$port" || port_is_free $((port + 1)) || port_is_free $((port + 2)) || break
    sleep 0.02
  done
  exec {ports}>&-
  printf '%s\n' "$port" > "$state/port"

  for index in "${!nodes[@]}"; do
    (exec {lock}>&-; wait_for "$index") &
    waiting+=($!)
  done
  for index in "${!nodes[@]}"; do
    wait "${waiting[index]}" || failed+=("${nodes[index]}")
  done
  ((${#failed[@]} == 0)) || die "did not come up: ${failed[*]}"
  touch "$state/ready"
  status
}

# the reset button, or the power button of a node that is off: what is on its disk and in its network namespace
# stays, and every process ends in the same moment
restart() {
  local node=$1 index pid
  port=$(< "$state/port")
  for index in "${!nodes[@]}"; do
    [[ ${nodes[index]} == "$node" ]] || continue
    pid=$(< "$state/$node/init.pid")
    if [[ $pid ]]; then
      on_node "$node" reboot --force --force > /dev/null 2>&1 || true
      for _ in {1..200}; do
        [[ $(< "$state/$node/init.pid") != "$pid" ]] && break
        sleep 0.02
      done
    else
      timeout 5 tee "$state/$node/power" <<< on > /dev/null || die "$node is neither on nor off"
    fi
    wait_for "$index" || die "$node did not come up again"
    return
  done
  die "no node '$node'; there are ${nodes[*]}"
}

abandon() {
  if ((${#waiting[@]})); then
    kill "${waiting[@]}" 2> /dev/null || true
    wait "${waiting[@]}" 2> /dev/null || true
  fi
  remove
  release_lock
}

remove() {
  local path
  kill_cgroup "$cgroup"
  for path in "/run/netns/$name".*; do
    [[ -e $path ]] || continue
    ip netns delete "${path##*/}" 2>/dev/null || rm -f "$path"
  done
  rm -rf --one-file-system "$state"
  # the mount of find_cgroup2, once no lab is left in it
  if [[ -d $run/cgroup2 ]] && ! compgen -G "$run/cgroup2/ciliumlab-node-lab.*" > /dev/null; then
    umount "$run/cgroup2" 2> /dev/null || true
    rmdir "$run/cgroup2" 2> /dev/null || true
  fi
}

# ends the lab when its owner has ended, however that came about
watch() {
  until owner_is_gone "$state/owner"; do sleep 0.5; done
  # out of the lab's cgroup first, or the end of the lab would be the end of this too
  echo $$ > "${cgroup%/*}/cgroup.procs"
  take_lock
  remove
  release_lock
}

status() {
  local index
  [[ -e $state/ready ]] || die "the lab '$name' is not up; run: $here/node-lab.sh --name $name up"
  read -r port < "$state/port"
  printf '%s\n' "name=$name" "state=$state" "key=$state/id_ed25519" \
    "encrypted-key=$state/id_ed25519_encrypted" "passphrase=$passphrase" \
    "alice-password=$("$here/node-root.sh" --alice-password)"
  for index in "${!nodes[@]}"; do
    printf 'node=%s %s\n' "${nodes[index]}" $((port + index))
  done
}

on_node() {
  local node=$1 pid
  shift
  read -r pid < "$state/$node/init.pid" || die "the lab '$name' has no running node '$node'"
  # without the two capabilities that a node's own processes do not have either: `date --set` would set the host's clock
  nsenter --target "$pid" --mount --uts --ipc --net --pid --cgroup --root --wdns=/ \
    setpriv --bounding-set=-sys_time,-sys_module env -i HOME=/root LC_ALL=C PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin "$@"
}

flannel() {
  local index script rules=$here/../Fixtures/transcript/105-iptables-save.txt running=()
  [[ -e $state/ready ]] || die "the lab '$name' is not up"
  script=$(cat "$here/flannel.sh")
  for index in "${!nodes[@]}"; do
    on_node "${nodes[index]}" bash -c "$script" flannel.sh "$index" "$@" < "$rules" &
    running+=($!)
  done
  for index in "${!nodes[@]}"; do
    wait "${running[index]}" || die "flannel.sh failed on ${nodes[index]}"
  done
}

residue() {
  local index script running=()
  [[ -e $state/ready ]] || die "the lab '$name' is not up"
  script=$(cat "$here/residue.sh")
  for index in "${!nodes[@]}"; do
    on_node "${nodes[index]}" bash -c "$script" residue.sh "$index" "$@" &
    running+=($!)
  done
  for index in "${!nodes[@]}"; do
    wait "${running[index]}" || die "residue.sh failed on ${nodes[index]}"
  done
}

take_lock() {
  while true; do
    exec {lock}> "$run/$name.lock"
    flock --timeout 300 "$lock" || die "another node-lab.sh holds the lab '$name'"
    # whoever had the lock before may have removed the file, and the next one has made another
    [[ $run/$name.lock -ef /dev/fd/$lock ]] && return
    exec {lock}>&-
  done
}

release_lock() {
  rm -f "$run/$name.lock"
  exec {lock}>&-
}

# --- the command line -------------------------------------------------------------------------------------------

name=ciliumlab port='' owner=''
while (($#)); do
  case $1 in
    --name) name=${2:?--name needs a name}; shift 2 ;;
    --port) port=${2:?--port needs a port}; shift 2 ;;
    --owner) owner=${2:?--owner needs a process id}; shift 2 ;;
    *) break ;;
  esac
done
[[ $name =~ ^[a-z0-9-]{1,40}$ ]] || die "a lab's name has small letters, digits and dashes: $name"
[[ -z $port || $port =~ ^[0-9]+$ ]] || die "a port is a number: $port"
[[ -z $owner || -d /proc/$owner ]] || die "no process $owner"
if ((EUID)); then die "nodes need root"; fi

mkdir -p "$run"
chmod 700 "$run"
state=$run/$name
cgroup=$(find_cgroup2)/ciliumlab-node-lab.$name

case ${1:-} in
  up) take_lock; up ;;
  down) take_lock; remove; release_lock ;;
  flannel) shift; take_lock; flannel "$@" ;;
  residue) shift; take_lock; residue "$@" ;;
  status) status ;;
  restart) take_lock; restart "${2:?restart needs a node}" ;;
  watch) watch ;;
  exec) shift; (($# > 1)) || die "exec NODE COMMAND..."; on_node "$@" ;;
  *) usage; exit 2 ;;
esac
