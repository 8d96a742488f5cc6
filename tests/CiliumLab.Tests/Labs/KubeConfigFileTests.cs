using CiliumLab.Engine.Labs;
using CiliumLab.Model;

namespace CiliumLab.Tests.Labs;

public sealed class KubeConfigFileTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public void Finds_the_server_of_the_current_context()
    {
        var file = _folder.Write("config", """
            apiVersion: v1
            kind: Config
            current-context: lab
            contexts:
            - {name: other, context: {cluster: o, user: u}}
            - {name: lab, context: {cluster: c, user: u}}
            clusters:
            - {name: o, cluster: {server: "https://10.0.0.1:6443"}}
            - {name: c, cluster: {server: "https://192.168.10.100:6443"}}
            """);

        Assert.Equal(new Uri("https://192.168.10.100:6443"), KubeConfigFile.ApiServer(file));
    }

    [Theory]
    [InlineData("kind: Config\n", "it names no current-context")]
    [InlineData("current-context: lab\n", "its current-context 'lab' is not among its contexts")]
    [InlineData("current-context: lab\ncontexts: [{name: lab, context: {cluster: c}}]\n", "its cluster 'c' has no server")]
    [InlineData("a: [\n", "is not valid YAML")]
    public void A_kubeconfig_that_leads_nowhere_says_where_it_breaks(string text, string reason)
    {
        var error = Assert.Throws<LabException>(() => KubeConfigFile.ApiServer(_folder.Write("config", text)));

        Assert.Equal("KubeConfigInvalid", error.ErrorId);
        Assert.Contains(reason, error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_kubeconfig_that_is_not_there_is_an_error_of_its_own() =>
        Assert.Equal("KubeConfigNotFound", Assert.Throws<LabException>(() => KubeConfigFile.ApiServer("/nowhere/config")).ErrorId);
}
