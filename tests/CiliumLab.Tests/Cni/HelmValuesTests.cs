using System.Collections;
using System.Net;
using CiliumLab.Engine.Cni.Helm;
using CiliumLab.Model;

namespace CiliumLab.Tests.Cni;

public sealed class HelmValuesTests
{
    [Fact]
    public void Reads_dotted_keys_and_nested_tables_alike_and_keeps_types()
    {
        var values = HelmValues.Read(new Hashtable
        {
            ["ipam.mode"] = "cluster-pool",
            ["ipam"] = new Hashtable { ["operator"] = new Hashtable { ["clusterPoolIPv4MaskSize"] = 24 } },
            ["bpf.masquerade"] = true,
            ["bpf.mapDynamicSizeRatio"] = 0.0025,
            ["devices"] = new object[] { "eth1", 2 },
            ["k8sServiceHost"] = IPAddress.Parse("192.168.10.100"),
            ["ipv4NativeRoutingCIDR"] = IPNetwork.Parse("172.20.0.0/16"),
            ["nodeSelector.kubernetes\\.io/os"] = "linux",
            ["hubble.tls"] = null,
        });

        Assert.Equal(
            [
                "bpf.mapDynamicSizeRatio=0.0025", "bpf.masquerade=true", "devices=[\"eth1\",2]", "hubble.tls=", "ipam.mode=\"cluster-pool\"",
                "ipam.operator.clusterPoolIPv4MaskSize=24", "ipv4NativeRoutingCIDR=\"172.20.0.0/16\"", "k8sServiceHost=\"192.168.10.100\"", "nodeSelector.kubernetes\\.io/os=\"linux\"",
            ],
            values.Leaves().Select(leaf => $"{leaf.Path}={leaf.Value?.ToJsonString()}").Order(StringComparer.Ordinal));
    }

    [Fact]
    public void Values_laid_over_others_merge_maps_and_replace_the_rest()
    {
        var under = HelmValues.Read(new Hashtable { ["a.one"] = 1, ["a.two"] = new[] { 1, 2 }, ["b"] = "text" });
        var over = HelmValues.Read(new Hashtable { ["a.two"] = new[] { 3 }, ["b.inner"] = true });

        var both = under.With(over);

        Assert.Equal(["a.one=1", "a.two=[3]", "b.inner=true"], both.Leaves().Select(leaf => $"{leaf.Path}={leaf.Value?.ToJsonString()}").Order(StringComparer.Ordinal));
        Assert.Equal("text", under.TextAt("b"));
    }

    [Theory]
    [InlineData("")]
    [InlineData("a..b")]
    [InlineData(".a")]
    public void A_key_with_an_empty_name_is_refused(string key)
    {
        var error = Assert.Throws<LabException>(() => HelmValues.Read(new Hashtable { [key] = 1 }));

        Assert.Equal(("HelmValueInvalid", $"The key '{key}' has an empty name in it."), (error.ErrorId, error.Message));
    }

    [Fact]
    public void A_value_that_no_chart_can_take_is_refused_by_its_key()
    {
        var error = Assert.Throws<LabException>(() => HelmValues.Read(new Hashtable { ["a.b"] = new Hashtable { ["c"] = TimeSpan.Zero } }));

        Assert.Equal("The value of 'c' is a TimeSpan; a chart takes texts, numbers, true and false, lists and hashtables.", error.Message);
    }

    [Fact]
    public void A_broken_file_names_its_line()
    {
        using var folder = new TemporaryFolder();
        var file = Path.Combine(folder.Path, "values.yaml");
        File.WriteAllText(file, "ipam:\n  mode: cluster-pool\n broken: [\n");

        var error = Assert.Throws<LabException>(() => HelmValues.ReadFile(file));

        Assert.Equal("HelmValuesFileInvalid", error.ErrorId);
        Assert.StartsWith($"{file}, line 3: not a file of values: ", error.Message, StringComparison.Ordinal);
        Assert.Equal("HelmValuesFileNotFound", Assert.Throws<LabException>(() => HelmValues.ReadFile(file + "x")).ErrorId);
    }

    [Fact]
    public void A_file_keeps_the_types_that_its_scalars_have()
    {
        using var folder = new TemporaryFolder();
        var file = Path.Combine(folder.Path, "values.yaml");
        File.WriteAllText(file, "k8sServicePort: 6443\nkubeProxyReplacement: \"true\"\nbpf: { masquerade: true }\n");

        Assert.Equal("""{"k8sServicePort":6443,"kubeProxyReplacement":"true","bpf":{"masquerade":true}}""", HelmValues.ReadFile(file).ToYaml());
    }
}
