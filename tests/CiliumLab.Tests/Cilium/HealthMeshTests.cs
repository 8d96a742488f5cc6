using CiliumLab.Engine.Cilium;
using CiliumLab.Model;

namespace CiliumLab.Tests.Cilium;

/// <summary>When the probes of all agents together are a whole mesh.</summary>
public sealed class HealthMeshTests
{
    [Theory]
    [InlineData("host endpoint", "host endpoint", true)]
    [InlineData("host", "host", true)]
    [InlineData("host endpoint", "host", false)]
    [InlineData("host endpoint", "host endpoint?", false)]
    [InlineData("host endpoint", "host endpoint!", false)]
    [InlineData("", "", null)]
    public void Every_way_that_is_probed_must_be_probed_to_every_node(string own, string other, bool? complete)
    {
        var reports = new[] { "a", "b" }.Select(node => new AgentReport(node) { Paths = [.. Paths(node, "a", own), .. Paths(node, "b", other)] }).ToList();

        Assert.Equal(complete, HealthMesh.Of(reports).Complete);
    }

    // A way with ? was not probed yet, and one with ! does not work.
    private static IEnumerable<CiliumHealth> Paths(string node, string target, string ways) =>
        ways.Split(' ', StringSplitOptions.RemoveEmptyEntries).Select(way => new CiliumHealth
        {
            Node = node,
            Target = target,
            Path = Enum.Parse<CiliumHealthPath>(way.TrimEnd('?', '!'), ignoreCase: true),
            IsReachable = way[^1] switch { '?' => null, '!' => false, _ => true },
        });
}
