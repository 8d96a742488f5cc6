using System.Collections;
using CiliumLab.Engine.Cni.Helm;
using CiliumLab.Model;

namespace CiliumLab.Tests.Cni;

public sealed class ChartKeysTests
{
    private const string Values = """
        # -- The mode: one of several.
        # For more, see: https://example.invalid
        ipam:
          mode: "cluster-pool"
          operator:
            clusterPoolIPv4PodCIDRList: ["10.0.0.0/8"]
        nodePort:
          enabled: false
          # -- Port range.
          # range:
        nodeSelector:
          kubernetes.io/os: linux
        extraConfig: {}
        bpf:
          masquerade: ~
        #kubeProxyReplacement: "false"
        k8sServiceHost: ""
        """;

    private static readonly ChartReference Chart = new("cilium", new Uri("https://helm.cilium.io/"), "1.17.5");

    [Theory]
    [InlineData("ipam.mode")]
    [InlineData("ipam.operator.clusterPoolIPv4PodCIDRList")]
    [InlineData("nodePort.range")]
    [InlineData("kubeProxyReplacement")]
    [InlineData("extraConfig.any.thing")]
    [InlineData("bpf.masquerade")]
    [InlineData("nodeSelector.kubernetes\\.io/os")]
    public void Knows_defaults_comments_and_what_lies_in_open_maps(string key) =>
        ChartKeys.Read(Values).Check(HelmValues.Read(new Hashtable { [key] = "x" }), Chart);

    [Theory]
    [InlineData("ipam.mod", "; did you mean 'ipam.mode'?")]
    [InlineData("kubeProxyReplacment", "; did you mean 'kubeProxyReplacement'?")]
    [InlineData("range", "; did you mean 'nodePort.range'?")]
    [InlineData("ipam.mode.name", "; did you mean 'ipam.mode'?")]
    [InlineData("completelyUnknown", ".")]
    public void Refuses_others_with_the_nearest(string key, string end)
    {
        var error = Assert.Throws<LabException>(() => ChartKeys.Read(Values).Check(HelmValues.Read(new Hashtable { [key] = "x" }), Chart));

        Assert.Equal("HelmValueUnknown", error.ErrorId);
        Assert.Equal($"The chart cilium 1.17.5 has no value '{key}'{end}", error.Message);
        Assert.Equal("See the chart's values: helm show values cilium --repo https://helm.cilium.io/ --version 1.17.5", error.RecommendedAction);
    }
}
