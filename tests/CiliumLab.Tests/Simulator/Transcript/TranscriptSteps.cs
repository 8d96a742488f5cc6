using CiliumLab.Simulator.Api;
using CiliumLab.Simulator.Life;

namespace CiliumLab.Tests.Simulator.Transcript;

/// <summary>What was done in the recorded lab between its recorded commands.</summary>
/// <param name="lab">The lab.</param>
/// <param name="shell">Where variables are set.</param>
internal sealed class TranscriptSteps(TranscriptLab lab, TranscriptShell shell)
{
    private const string FlannelValues = "podCidr: \"10.244.0.0/16\"\n\nflannel:\n  args:\n  - \"--ip-masq\"\n  - \"--kube-subnet-mgr\"\n  - \"--iface=eth1\"\n";

    /// <summary>Does what was done before a command.</summary>
    public async Task BeforeAsync(int id)
    {
        switch (id)
        {
            case 20:
                // Vagrant's script had told the control plane its address already.
                await SetNodeIpAsync(0);
                break;
            case 24:
                shell.Variables["NODEIP"] = "192.168.10.100";
                break;
            case 25:
                await SetNodeIpAsync(1);
                await SetNodeIpAsync(2);
                break;
            case 37:
                // When Flannel came, the recorded lab's control plane was ready first, and got both DNS pods.
                Cordon("k8s-w1", true);
                Cordon("k8s-w2", true);
                await RunAsync("k8s-ctr", "helm", "repo", "add", "flannel", "https://flannel-io.github.io/flannel/");
                lab.Node("k8s-ctr").Files.Put("/root/flannel-values.yaml", FlannelValues);
                break;
            case 38:
                await lab.AdvanceAsync(TimeSpan.FromSeconds(60));
                Cordon("k8s-w1", false);
                Cordon("k8s-w2", false);
                break;
            case 57:
                await lab.AdvanceAsync(TimeSpan.FromSeconds(60));
                break;
            case 69:
                shell.Variables["POD1IP"] = Address("app=webpod");
                break;
            case 79:
                await RunAsync("k8s-ctr", "modprobe", "vxlan");
                break;
            case 80:
                await RunAsync("k8s-ctr", "modprobe", "geneve");
                break;
            case 85 or 88 or 104:
                await lab.AdvanceAsync(TimeSpan.FromSeconds(40));
                break;
            case 97:
                await RunAsync("k8s-ctr", "ip", "link", "del", "flannel.1");
                await RunAsync("k8s-ctr", "ip", "link", "del", "cni0");
                break;
            case 106:
                foreach (var node in lab.Cluster.Nodes)
                    await KeepOthersAsync(node.Name);
                break;
            case 111:
                // The control plane's agent was ready first: of ds/cilium kubectl takes the one that has been so for the longest time.
                HoldAgent("k8s-w1", true);
                HoldAgent("k8s-w2", true);
                break;
            case 112:
                // The DNS pods that Cilium's operator restarts came up on the control plane and on w2.
                Cordon("k8s-w1", true);
                await lab.AdvanceAsync(TimeSpan.FromSeconds(60));
                HoldAgent("k8s-w1", false);
                HoldAgent("k8s-w2", false);
                await lab.AdvanceAsync(TimeSpan.FromSeconds(120));
                Cordon("k8s-w1", false);
                break;
            case 125 or 128:
                await lab.AdvanceAsync(TimeSpan.FromSeconds(60));
                break;
            case 140:
                await lab.AdvanceAsync(TimeSpan.FromSeconds(90));
                break;
            case 160:
                foreach (var number in (int[])[0, 1, 2])
                    await shell.RunAsync("k8s-ctr", $"alias c{number}bpf=\"kubectl exec -it $CILIUMPOD{number} -n kube-system -c cilium-agent -- bpftool\"");
                break;
            case 182 or 188:
                shell.Variables["WEBPOD1IP"] = Address("app=webpod");
                break;
        }
    }

    private void Cordon(string node, bool on) => lab.Cluster.Store.Edit(ResourceTypes.Nodes, null, node, json => json.Ensure("spec")["unschedulable"] = on);

    private void HoldAgent(string node, bool on) => lab.Node(node).Faults.CiliumAgentNotReady = on;

    private string Address(string labels) => lab.Cluster.Store.List(ResourceTypes.Pods, "default", LabelSelector.Parse(labels)).Items[0].Address()!;

    private async Task SetNodeIpAsync(int number)
    {
        const string Path = "/var/lib/kubelet/kubeadm-flags.env";
        var node = lab.Cluster.Nodes[number];
        node.Files.Put(Path, node.Files.ReadText(Path).Replace("KUBELET_KUBEADM_ARGS=\"", $"KUBELET_KUBEADM_ARGS=\"--node-ip=192.168.10.{100 + number} ", StringComparison.Ordinal));
        await RunAsync(node.Name, "systemctl", "restart", "kubelet");
        await lab.AdvanceAsync(TimeSpan.FromSeconds(20));
    }

    // iptables-save | grep -v KUBE | grep -v FLANNEL | iptables-restore
    private async Task KeepOthersAsync(string node)
    {
        var rules = (await lab.RunAsync(node, ["iptables-save"], null)).Output.Split('\n').Where(static line => !line.Contains("KUBE", StringComparison.Ordinal) && !line.Contains("FLANNEL", StringComparison.Ordinal));
        await lab.RunAsync(node, ["iptables-restore"], string.Join('\n', rules));
    }

    private async Task RunAsync(string node, params string[] words)
    {
        var said = await lab.RunAsync(node, words, null);
        Assert.True(said.ExitCode == 0, $"{string.Join(' ', words)}: {said}");
    }
}
