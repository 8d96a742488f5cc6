using System.Globalization;
using System.Text.Json.Nodes;
using CiliumLab.Simulator.Api;

namespace CiliumLab.Simulator.Cilium;

/// <summary>A status report as <c>cilium-dbg status</c> prints it.</summary>
internal static class StatusText
{
    /// <summary>Writes the report.</summary>
    public static void Write(GoTabWriter writer, CiliumAgent agent, JsonObject report, bool allAddresses, bool allControllers, bool isVerbose)
    {
        writer.Write($"KVStore:\t{State(report["kvstore"])}\t{report["kvstore"].Text("msg")}\n");
        writer.Write($"Kubernetes:\t{State(report["kubernetes"])}\t{report["kubernetes"].Text("msg")}\n");
        writer.Write($"Kubernetes APIs:\t[\"{string.Join("\", \"", report["kubernetes"].Texts("k8s-api-versions"))}\"]\n");
        var proxy = report["kube-proxy-replacement"];
        var direct = proxy.Text("directRoutingDevice");
        var devices = string.Join(", ", proxy.Objects("deviceList").Select(device => $"{device.Text("name")}   {string.Join(' ', device.Texts("ip"))}{(device.Text("name") == direct ? " (Direct Routing)" : "")}"));
        writer.Write($"KubeProxyReplacement:\t{proxy.Text("mode")}\t{(proxy.Text("mode") == "True" && devices.Length > 0 ? $"[{devices}]" : "")}\n");
        writer.Write($"Host firewall:\t{report.Text("host-firewall", "mode")}\nSRv6:\tDisabled\nCNI Chaining:\t{report.Text("cni-chaining", "mode")}\nCNI Config file:\t{report.Text("cni-file", "msg")}\n");
        writer.Write($"Cilium:\t{State(report["cilium"])}   {report.Text("cilium", "msg")}\n");
        writer.Write($"NodeMonitor:\tListening for events on {report.Number("nodeMonitor", "cpus")} CPUs with {report.Number("nodeMonitor", "npages")}x{report.Number("nodeMonitor", "pagesize")} of shared memory\n");
        writer.Write($"Cilium health daemon:\t{report.Text("cluster", "ciliumHealth", "state")}\t{report.Text("cluster", "ciliumHealth", "msg")}\n");
        writer.Write($"IPAM:\t{report.Text("ipam", "status")}\n");
        if (allAddresses)
        {
            writer.Write("Allocated addresses:\n");
            foreach (var line in report.Object("ipam", "allocations")!.Select(static owner => $"  {owner.Key} ({owner.Value.AsText()})").Order(StringComparer.Ordinal))
                writer.Write(line + "\n");
        }

        writer.Write("IPv4 BIG TCP:\tDisabled\nIPv6 BIG TCP:\tDisabled\n");
        writer.Write($"BandwidthManager:\t{(report.Flag("bandwidth-manager", "enabled") ? "EDT with BPF [CUBIC] []" : "Disabled")}\n");
        var tunnel = report.Text("routing", "tunnel-protocol");
        writer.Write($"Routing:\tNetwork: {report.Text("routing", "inter-host-routing-mode")}{(tunnel is null ? "" : $" [{tunnel}]")}\tHost: {report.Text("routing", "intra-host-routing-mode")}\n");
        writer.Write($"Attach Mode:\t{(report.Text("attach-mode") == "tcx" ? "TCX" : "Legacy TC")}\nDevice Mode:\t{report.Text("datapath-mode")}\n");
        writer.Write($"Masquerading:\t{Masquerading(report)}\n");
        if (isVerbose)
            writer.Write($"Clock Source for BPF:\t{report.Text("clock-source", "mode")}\n");
        WriteControllers(writer, agent, allControllers);
        writer.Write($"Proxy Status:\tOK, ip {report.Text("proxy", "ip")}, {report.Number("proxy", "total-redirects") ?? 0} redirects active on ports {report.Text("proxy", "port-range")}, Envoy: {report.Text("proxy", "envoy-deployment-mode")}\n");
        writer.Write($"Global Identity Range:\tmin {report.Number("identity-range", "min-identity")}, max {report.Number("identity-range", "max-identity")}\n");
        writer.Write($"Hubble:\t{Hubble(agent, report)}\n");
        if (isVerbose)
            WriteDetails(writer, report, devices);
        writer.Write($"Encryption:\t{report.Text("encryption", "mode")}\t\n");
    }

    private static string State(JsonNode? part) => part.Text("state") ?? "";

    private static string Masquerading(JsonObject report)
    {
        string Enabled(string family) => report.Flag("masquerading", "enabledProtocols", family) ? "Enabled" : "Disabled";
        if (!report.Flag("masquerading", "enabled"))
            return "Disabled";
        var how = report.Text("masquerading", "mode") == "BPF"
            ? $"BPF\t[{string.Join(", ", report.Texts("kube-proxy-replacement", "devices"))}]\t{report.Text("masquerading", "snat-exclusion-cidr-v4")}"
            : "IPTables";
        return $"{how} [IPv4: {Enabled("ipv4")}, IPv6: {Enabled("ipv6")}]";
    }

    private static string Hubble(CiliumAgent agent, JsonObject report)
    {
        if (report.Text("hubble", "state") != "Ok")
            return report.Text("hubble", "state") ?? "";
        long current = report.Number("hubble", "observer", "current-flows") ?? 0, most = report.Number("hubble", "observer", "max-flows") ?? 1;
        var rate = (report.Number("hubble", "observer", "seen-flows") ?? 0) / Math.Max(1, (agent.Now - agent.StartedAt).TotalSeconds);
        return string.Create(CultureInfo.InvariantCulture, $"Ok\tCurrent/Max Flows: {current}/{most} ({100.0 * current / most:0.00}%), Flows/s: {rate:0.00}\tMetrics: {report.Text("hubble", "metrics", "state")}");
    }

    private static void WriteControllers(GoTabWriter writer, CiliumAgent agent, bool all)
    {
        var controllers = Controllers.Of(agent);
        writer.Write($"Controller Status:\t{controllers.Count}/{controllers.Count} healthy\n");
        if (!all)
            return;
        var table = new GoTabWriter(0).Row("  Name", "Last success", "Last error", "Count", "Message");
        foreach (var controller in controllers)
            table.Row("  " + controller.Name, GoText.Since(controller.LastSuccess(agent), agent.Now), "never", "0", "no error", "");
        writer.Write(table.Flush());
    }

    private static void WriteDetails(GoTabWriter writer, JsonObject report, string devices)
    {
        var features = report.Object("kube-proxy-replacement", "features");
        string Enabled(string feature) => features.Flag(feature, "enabled") ? "Enabled" : "Disabled";
        var port = features.Object("nodePort");
        var table = new GoTabWriter(0).Row("  Status:", report.Text("kube-proxy-replacement", "mode") ?? "").Row("  Socket LB:", Enabled("socketLB")).Row("  Socket LB Tracing:", Enabled("socketLBTracing")).Row("  Socket LB Coverage:", "Full");
        if (devices.Length > 0)
            table.Row("  Devices:", devices);
        if (port.Flag("enabled"))
            table.Row("  Mode:", port.Text("mode") ?? "").Row("  Backend Selection:", port.Text("algorithm") ?? "");
        table.Row("  Session Affinity:", Enabled("sessionAffinity")).Row("  Graceful Termination:", Enabled("gracefulTermination")).Row("  NAT46/64 Support:", Enabled("nat46X64"));
        if (port.Flag("enabled"))
            table.Row("  XDP Acceleration:", port.Text("acceleration") ?? "");
        table.Row("  Services:").Row("  - ClusterIP:", "Enabled").Row("  - NodePort:", port.Flag("enabled") ? $"Enabled (Range: {port.Number("portMin")}-{port.Number("portMax")}) " : "Disabled ")
            .Row("  - LoadBalancer:", (port.Flag("enabled") ? "Enabled" : "Disabled") + " ").Row("  - externalIPs:", Enabled("externalIPs") + " ").Row("  - HostPort:", Enabled("hostPort"));
        writer.Write("KubeProxyReplacement Details:\n").Write(table.Flush());
        var ratio = report.At("bpf-maps", "dynamic-size-ratio")!.GetValue<double>();
        var maps = new GoTabWriter(0).Row("  Name", "Size");
        foreach (var map in report.Objects("bpf-maps", "maps"))
            maps.Row("  " + map.Text("name"), map.Number("size")?.ToString(null, null) ?? "");
        writer.Write($"BPF Maps:\tdynamic sizing: {(ratio is > 0 and <= 1 ? string.Create(CultureInfo.InvariantCulture, $"on (ratio: {ratio:0.000000})") : "off")}\n").Write(maps.Flush());
    }
}
