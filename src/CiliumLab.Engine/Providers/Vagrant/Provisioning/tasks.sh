# shellcheck shell=bash
# tasks.sh: what the provisioning scripts have in common. Vagrant puts it here before it runs them.

readonly logs=/var/log/ciliumlab
script=$1
task_number=0

# The bootstrap token, and for workers the hash of the cluster's CA; there only while the cluster is being made.
# shellcheck disable=SC2034 # for the scripts
readonly handed_over=/home/vagrant/.ciliumlab/join
# shellcheck disable=SC2034 # for the scripts
readonly kubeadm_config=/etc/kubernetes/ciliumlab-kubeadm.yaml

# A task is one line for whoever looks on. What it says goes to a log of its own, whose end is shown when the task fails.
#   task COUNT TITLE COMMAND...
task() {
  local count=$1 title=$2 log result
  shift 2
  task_number=$((task_number + 1))
  log=$logs/$script-$task_number.log
  echo "[TASK $task_number/$count] $title"
  # a subshell that nothing tests: in a condition, -e would not count inside of a function
  set +e
  (
    set -e
    "$@"
  ) > "$log" 2>&1 < /dev/null
  result=$?
  set -e
  if ((result)); then
    echo "[FAILED] $title: exit code $result. The end of $log:"
    tail -n 20 "$log"
    exit "$result"
  fi
}

# kubeadm's configuration is v1beta4 since Kubernetes 1.31; with it came lists of flags where mappings were.
kubeadm_is_v1beta4() {
  local minor=${KUBERNETES_VERSION#*.}
  ((${minor%%.*} >= 31))
}

kubeadm_api() { if kubeadm_is_v1beta4; then echo kubeadm.k8s.io/v1beta4; else echo kubeadm.k8s.io/v1beta3; fi; }

# How the kubelet of this node registers. Without KUBELET_NODE_IP it chooses its address itself: that of the default route.
node_registration() {
  printf '%s\n' 'nodeRegistration:' "  name: $NODE_NAME" '  criSocket: unix:///run/containerd/containerd.sock'
  [[ $KUBELET_NODE_IP ]] || return 0
  if kubeadm_is_v1beta4; then
    printf '%s\n' '  kubeletExtraArgs:' '    - name: node-ip' "      value: $KUBELET_NODE_IP"
  else
    printf '%s\n' '  kubeletExtraArgs:' "    node-ip: $KUBELET_NODE_IP"
  fi
}

# Writes kubeadm's configuration, which has the token in it and goes away with the script.
write_kubeadm_config() {
  umask 077
  mkdir -p "${kubeadm_config%/*}"
  trap 'rm -f "$kubeadm_config"' EXIT
  cat > "$kubeadm_config"
}

install -d -m 700 "$logs"
