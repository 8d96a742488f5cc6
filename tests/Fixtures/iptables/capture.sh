#!/bin/bash
# Makes the outputs in this folder: odd rules, set in a network namespace of its own and printed by the real tools.
# Run as root: unshare -n bash capture.sh. Rules that this kernel or build lacks are named on standard error and left out.
cd "$(dirname "$0")" || exit 1
ip link set lo up
ipset create lab-set hash:ip,port 2>/dev/null

odd_rules() {
    local iptables=$1
    rule() { "$iptables" "$@" 2>/dev/null || echo "left out: $iptables $*" >&2; }
    rule -N KUBE-SERVICES
    rule -N FLANNEL-FWD
    rule -N CILIUM_INPUT
    rule -N 'odd.chain:name'
    rule -N EMPTY
    rule -t nat -N KUBE-SVC-X
    rule -P FORWARD DROP
    rule -A INPUT -j KUBE-SERVICES
    rule -A INPUT -g EMPTY
    rule -A INPUT -p tcp -m multiport --dports 22,80,8000:8080 -j ACCEPT
    rule -A INPUT -p tcp -m multiport ! --sports 22,80 -j ACCEPT
    rule -A INPUT -m conntrack ! --ctstate RELATED,ESTABLISHED -m conntrack --ctdir ORIGINAL -j ACCEPT
    rule -A INPUT -m state --state NEW
    rule -A INPUT -m addrtype --dst-type LOCAL --limit-iface-in -j ACCEPT
    rule -A INPUT -m addrtype ! --src-type LOCAL ! --dst-type MULTICAST -j DROP
    rule -A INPUT -p tcp --dport 22 -m recent --set --name ssh --rsource
    rule -A INPUT -p tcp --dport 22 -m recent --update --seconds 60 --hitcount 4 --rttl --name ssh -j DROP
    rule -A INPUT -m hashlimit --hashlimit-upto 10/sec --hashlimit-burst 20 --hashlimit-mode srcip,dstport --hashlimit-name web --hashlimit-htable-expire 1000 -j ACCEPT
    rule -A INPUT -m limit --limit 5/min --limit-burst 7 -j LOG --log-prefix 'say "hi" \ it'"'"'s: ' --log-level 4 --log-tcp-options --log-ip-options --log-uid
    rule -A INPUT -j NFLOG --nflog-group 5 --nflog-prefix '-dashed !'
    rule -A INPUT -m set --match-set lab-set src,dst -j ACCEPT
    rule -A INPUT -m set ! --match-set lab-set src,dst -j ACCEPT
    rule -A INPUT -m statistic --mode random --probability 0.33333333349 -j ACCEPT
    rule -A INPUT -m statistic --mode nth --every 3 --packet 1 -j ACCEPT
    rule -A INPUT -p tcp -j REJECT --reject-with tcp-reset
    rule -A INPUT -j REJECT
    rule -A OUTPUT -m owner --uid-owner 0-99 -j ACCEPT
    rule -A OUTPUT -m owner ! --gid-owner 0 --suppl-groups -j ACCEPT
    rule -A INPUT -m string --string 'GET "/' --algo bm --to 100 -j DROP
    rule -A INPUT -m string --hex-string '|0d 0a|end' --algo kmp --icase -j DROP
    rule -A FORWARD -m physdev --physdev-in eth0 --physdev-is-bridged -j ACCEPT
    rule -A FORWARD -m physdev ! --physdev-in veth+ -j ACCEPT
    rule -A INPUT -m comment --comment plain -j ACCEPT
    rule -A INPUT -m comment --comment '-dash' -j ACCEPT
    rule -A INPUT -m comment --comment '--dport' -j ACCEPT
    rule -A INPUT -m comment --comment '!' -j ACCEPT
    rule -A INPUT -m comment --comment '! -s 10.0.0.0/8 -j KUBE-SERVICES' -j ACCEPT
    rule -A INPUT -m comment --comment '' -j ACCEPT
    rule -A INPUT -m comment --comment 'quote " back \ apostrophe '"'"' end\' -j ACCEPT
    rule -A INPUT -m comment --comment 'Grüße, 실습 ✓' -j ACCEPT
    rule -A INPUT -m comment --comment 'my KUBE-SERVICES note' -j ACCEPT
    rule -A INPUT -m comment --comment 'tab	and  two blanks ' -j ACCEPT
    rule -A INPUT ! -i lo -j ACCEPT
    rule -A INPUT -i eth+ ! -p udp -j ACCEPT
    rule -A INPUT -i -odd -j ACCEPT
    rule -A OUTPUT ! -o cni0 -j ACCEPT
    rule -A INPUT -p tcp --syn -j ACCEPT
    rule -A INPUT -p tcp ! --syn -j ACCEPT
    rule -A INPUT -p tcp --tcp-flags ALL NONE -j DROP
    rule -A INPUT -p tcp --tcp-option 8 -j DROP
    rule -A INPUT -p tcp ! --sport 1:1023 ! --dport 80 -j ACCEPT
    rule -A INPUT -p udp --dport 53 -j ACCEPT
    rule -A INPUT -p sctp --dport 36412 --chunk-types any INIT,DATA -j ACCEPT
    rule -A INPUT -p 132 -j ACCEPT
    rule -A INPUT -p 250 -j ACCEPT
    rule -A INPUT -m mac --mac-source 08:00:27:aa:bb:cc -j ACCEPT
    rule -A INPUT -m mark ! --mark 0x1/0xff -j ACCEPT
    rule -A INPUT -m connmark --mark 0x4000/0x4000 -j ACCEPT
    rule -A INPUT -m length --length 100:200 -j ACCEPT
    rule -A INPUT -m pkttype --pkt-type broadcast -j DROP
    rule -A INPUT -m time --timestart 09:00 --timestop 18:00 --weekdays Mon,Tue -j ACCEPT
    rule -A INPUT -m u32 --u32 '6 & 0xFF = 1' -j ACCEPT
    rule -A INPUT -m bpf --bytecode '4,48 0 0 9,21 0 1 6,6 0 0 1,6 0 0 0' -j ACCEPT
    rule -A INPUT -m quota --quota 1000000 -j ACCEPT
    rule -A INPUT -m cpu --cpu 0 -j ACCEPT
    rule -A INPUT -m connlimit --connlimit-above 10 --connlimit-mask 24 --connlimit-saddr -j DROP
    rule -A INPUT -m connbytes --connbytes 1000:2000 --connbytes-dir both --connbytes-mode bytes -j ACCEPT
    rule -A INPUT -m policy --dir in --pol ipsec --strict --reqid 1 --next --reqid 2 -j ACCEPT
    rule -A INPUT -m helper --helper ftp-2121 -j ACCEPT
    rule -A INPUT -m dscp --dscp-class EF -j ACCEPT
    rule -A INPUT -m socket --transparent --nowildcard -j ACCEPT
    rule -A INPUT -m iprange --src-range "$2-$3" -j ACCEPT
    rule -A FORWARD -m comment --comment "flanneld forward" -j FLANNEL-FWD
    rule -A FLANNEL-FWD -s "$4" -m comment --comment "flanneld forward" -j ACCEPT
    rule -A FORWARD -s "$4" -m comment --comment "flanneld forward" -j ACCEPT
    rule -A INPUT -m comment --comment "cilium-feeder: CILIUM_INPUT" -j CILIUM_INPUT
    rule -A CILIUM_INPUT -m mark --mark 0x200/0xf00 -j ACCEPT
    rule -A 'odd.chain:name' ! -s "$4" ! -d "$4" -j RETURN
    rule -A 'odd.chain:name' -s "$2" -j NFQUEUE --queue-balance 0:3 --queue-bypass
    rule -t nat -A PREROUTING -p tcp --dport 80 -j DNAT --to-destination "$5"
    rule -t nat -A PREROUTING -p tcp --dport 81 -j REDIRECT --to-ports 8080-8081
    rule -t nat -A POSTROUTING -s "$4" ! -o cni0 -j MASQUERADE --random-fully
    rule -t nat -A POSTROUTING -p tcp -j SNAT --to-source "$6" --persistent
    rule -t nat -A KUBE-SVC-X -m statistic --mode random --probability 0.50000000000 -j RETURN
    rule -t mangle -A PREROUTING -p tcp -m socket
    rule -t mangle -A PREROUTING -p tcp --dport 80 -j TPROXY --on-port 15001 --on-ip "$2" --tproxy-mark 0x1/0x1
    rule -t mangle -A PREROUTING -j MARK --set-xmark 0x4000/0x4000
    rule -t mangle -A PREROUTING -j MARK --or-mark 0x10
    rule -t mangle -A PREROUTING -j CONNMARK --restore-mark --nfmask 0xff --ctmask 0xff
    rule -t mangle -A FORWARD -p tcp --syn -j TCPMSS --clamp-mss-to-pmtu
    rule -t mangle -A FORWARD -j DSCP --set-dscp-class AF41
    rule -t mangle -A FORWARD -j TOS --set-tos 0x10/0x3f
    rule -t mangle -A POSTROUTING -j CLASSIFY --set-class 1:10
    rule -t mangle -A POSTROUTING -j CHECKSUM --checksum-fill
    rule -t mangle -A POSTROUTING -j TEE --gateway "$2"
    rule -t raw -A PREROUTING -j CT --notrack
    rule -t raw -A OUTPUT -j CT --zone 7 --ctevents new,destroy
    rule -t raw -A PREROUTING -j TRACE
    rule -t raw -A PREROUTING -m rpfilter --loose --invert -j DROP
}

only_ipv4() {
    "$1" -A FORWARD -f -j DROP
    "$1" -A FORWARD ! -f -j ACCEPT
    "$1" -A INPUT -p icmp --icmp-type 8/0 -j ACCEPT
    "$1" -A INPUT -s 10.0.0.1/255.0.255.0 -j ACCEPT
    "$1" -A INPUT -p tcp -m ttl --ttl-lt 5 -j DROP
    "$1" -A INPUT -p ah -m ah --ahspi 1:5 -j ACCEPT
}

only_ipv6() {
    "$1" -A INPUT -p ipv6-icmp --icmpv6-type 128 -j ACCEPT
    "$1" -A INPUT -m ipv6header --header frag --soft -j DROP
    "$1" -A INPUT -m rt --rt-type 0 -j DROP
    "$1" -A INPUT -m hl --hl-lt 5 -j DROP
    "$1" -A INPUT -m frag --fragfirst -j DROP
    "$1" -A INPUT -s 2001:db8::1/ffff:0:ffff:: -j ACCEPT
}

for backend in nft legacy; do
    odd_rules iptables-$backend 10.0.0.1 10.0.0.9 10.244.0.0/16 10.0.0.2:8080-8090 10.0.0.3-10.0.0.4:1024-65535
    only_ipv4 iptables-$backend 2>&1 | sed 's/^/left out: /' >&2
    odd_rules ip6tables-$backend 2001:db8::1 2001:db8::9 2001:db8:244::/48 '[2001:db8::2]:8080-8090' '2001:db8::3'
    only_ipv6 ip6tables-$backend 2>&1 | sed 's/^/left out: /' >&2
    ping -c 2 -W 1 127.0.0.1 >/dev/null 2>&1
    for program in iptables ip6tables; do
        $program-$backend-save >$program-$backend-save.txt
        $program-$backend-save -c >$program-$backend-save-c.txt
        for table in filter nat mangle; do
            $program-$backend -t $table -S >$program-$backend-t-$table-S.txt
        done
        $program-$backend -S -v >$program-$backend-S-v.txt
    done
done
iptables-nft-save 2>&1 >/dev/null | cat - iptables-nft-save.txt >iptables-nft-save-with-warning.txt
