#!/bin/bash
# node-files.sh NODE ROOT PUBLIC_KEY: writes the files that make a node this node and not another.
set -euo pipefail
node=$1 root=$2 public_key=$3

# --- identity ---------------------------------------------------------------------------------------------------
echo "$node" > "$root/etc/hostname"
tr -d - < /proc/sys/kernel/random/uuid > "$root/etc/machine-id"
cat > "$root/etc/hosts" <<HOSTS
127.0.0.1 localhost
127.0.1.1 vagrant

# The following lines are desirable for IPv6 capable hosts
::1     ip6-localhost ip6-loopback
fe00::0 ip6-localnet
ff00::0 ip6-mcastprefix
ff02::1 ip6-allnodes
ff02::2 ip6-allrouters
127.0.2.1 $node $node
192.168.10.100 k8s-ctr
192.168.10.101 k8s-w1
192.168.10.102 k8s-w2
HOSTS
: > "$root/etc/fstab"
if [[ -r /proc/config.gz ]]; then
  zcat /proc/config.gz > "$root/boot/config-$(uname -r)"
elif [[ -r /boot/config-$(uname -r) ]]; then
  cp "/boot/config-$(uname -r)" "$root/boot/"
fi

# --- logging in -------------------------------------------------------------------------------------------------
for kind in ed25519 ecdsa; do
  ssh-keygen -q -t "$kind" -N '' -C "root@$node" -f "$root/etc/ssh/ssh_host_${kind}_key"
done
mkdir -p "$root/etc/ssh/sshd_config.d"
cat > "$root/etc/ssh/sshd_config.d/lab.conf" <<'SSHD'
PermitRootLogin prohibit-password
PasswordAuthentication no
KbdInteractiveAuthentication no
Match User alice
    PasswordAuthentication yes
SSHD
for home in root home/vagrant home/alice; do
  mkdir -p "$root/$home/.ssh"
  cp "$public_key" "$root/$home/.ssh/authorized_keys"
  chmod 700 "$root/$home/.ssh"
  chmod 600 "$root/$home/.ssh/authorized_keys"
  # numbers of the node's users, not of the host's
  chown -R "$(stat -c %u:%g "$root/$home")" "$root/$home/.ssh"
done

# --- units ------------------------------------------------------------------------------------------------------
# what needs hardware, a console, or the host's kernel to itself
for unit in systemd-udevd.service systemd-udevd-kernel.socket systemd-udevd-control.socket systemd-udev-trigger.service \
  systemd-timesyncd.service systemd-modules-load.service systemd-sysctl.service systemd-networkd.service \
  console-getty.service getty@tty1.service e2scrub_reap.service apt-daily.timer apt-daily-upgrade.timer \
  dpkg-db-backup.timer fstrim.timer sys-kernel-debug.mount sys-kernel-tracing.mount; do
  ln -sf /dev/null "$root/etc/systemd/system/$unit"
done

enable() { mkdir -p "$root/etc/systemd/system/$2.wants" && ln -sf "$1" "$root/etc/systemd/system/$2.wants/${1##*/}"; }

# nothing hands out leases here, so what DHCP would have told resolved is told by a unit
cat > "$root/etc/systemd/system/lab-dns.service" <<'UNIT'
[Unit]
Description=The name server that VirtualBox's DHCP hands out
After=systemd-resolved.service
Requires=systemd-resolved.service

[Service]
Type=oneshot
RemainAfterExit=yes
ExecStart=resolvectl dns eth0 10.0.2.3
ExecStart=resolvectl domain eth0 lab.example
ExecStart=resolvectl default-route eth1 no

[Install]
WantedBy=multi-user.target
UNIT
enable /etc/systemd/system/lab-dns.service multi-user.target
ln -sf ../run/systemd/resolve/stub-resolv.conf "$root/etc/resolv.conf"

# tests restart sshd more often in ten seconds than systemd lets a unit
mkdir -p "$root/etc/systemd/system/ssh.service.d"
printf '[Unit]\nStartLimitIntervalSec=0\n' > "$root/etc/systemd/system/ssh.service.d/lab.conf"

# --- the kubelet: kubeadm's own unit and drop-in, and a program that refuses flags as the real one does ------------
mkdir -p "$root/var/lib/kubelet" "$root/etc/kubernetes" "$root/etc/cni/net.d" "$root/opt/cni/bin" \
  "$root/usr/lib/systemd/system/kubelet.service.d"
echo 'KUBELET_KUBEADM_ARGS="--container-runtime-endpoint=unix:///run/containerd/containerd.sock --pod-infra-container-image=registry.k8s.io/pause:3.10"' \
  > "$root/var/lib/kubelet/kubeadm-flags.env"
cat > "$root/usr/lib/systemd/system/kubelet.service" <<'UNIT'
[Unit]
Description=kubelet: The Kubernetes Node Agent
Documentation=https://kubernetes.io/docs/

[Service]
ExecStart=/usr/bin/kubelet
Restart=always
StartLimitInterval=0
RestartSec=10

[Install]
WantedBy=multi-user.target
UNIT
cat > "$root/usr/lib/systemd/system/kubelet.service.d/10-kubeadm.conf" <<'UNIT'
[Service]
Environment="KUBELET_KUBECONFIG_ARGS=--bootstrap-kubeconfig=/etc/kubernetes/bootstrap-kubelet.conf --kubeconfig=/etc/kubernetes/kubelet.conf"
Environment="KUBELET_CONFIG_ARGS=--config=/var/lib/kubelet/config.yaml"
EnvironmentFile=-/var/lib/kubelet/kubeadm-flags.env
EnvironmentFile=-/etc/default/kubelet
ExecStart=
ExecStart=/usr/bin/kubelet $KUBELET_KUBECONFIG_ARGS $KUBELET_CONFIG_ARGS $KUBELET_KUBEADM_ARGS $KUBELET_EXTRA_ARGS
UNIT
install -m 755 "$(dirname "${BASH_SOURCE[0]}")/kubelet.sh" "$root/usr/bin/kubelet"
enable /usr/lib/systemd/system/kubelet.service multi-user.target
