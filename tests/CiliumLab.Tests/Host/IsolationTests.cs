namespace CiliumLab.Tests.Host;

/// <summary>The module's packages and those of other modules do not meet.</summary>
public sealed class IsolationTests : IDisposable
{
    private static readonly string OtherYamlDotNet = Path.Combine(AppContext.BaseDirectory, "OtherYamlDotNet", "YamlDotNet.dll");

    private readonly ScratchFolder _folder = new();

    [Fact]
    public async Task Works_where_another_YamlDotNet_was_loaded_first()
    {
        // Nothing listens on port 1: the inventory is read by our YamlDotNet, and then the node is refused.
        var inventory = _folder.Write("lab.yaml", """
            nodes:
              - node: k8s-w1
                host: 127.0.0.1
                port: 1
                user: nobody
            """);
        var script = _folder.Write("isolation.ps1", $$"""
            $other = [Runtime.Loader.AssemblyLoadContext]::Default.LoadFromAssemblyPath('{{OtherYamlDotNet}}')
            Import-Module '{{Repository.Module}}'
            (Connect-LabCluster isolated -Inventory '{{inventory}}' -ErrorAction Ignore).Nodes
            foreach ($assembly in [AppDomain]::CurrentDomain.GetAssemblies()) {
                $name = $assembly.GetName()
                if ($name.Name -eq 'YamlDotNet') {
                    "$($name.Version.Major) in $([Runtime.Loader.AssemblyLoadContext]::GetLoadContext($assembly).Name)"
                }
            }
            $other.GetType('YamlDotNet.Serialization.DeserializerBuilder').Assembly.GetName().Version.Major
            """);
        var environment = new Dictionary<string, string> { ["XDG_DATA_HOME"] = _folder.Path, ["LOCALAPPDATA"] = _folder.Path };

        var outcome = await HostProcess.RunAsync("", environment, ["-NoModule", script]);

        Assert.Equal("", outcome.Error);
        Assert.Equal("k8s-w1\n11 in Default\n18 in CiliumLab\n11\n", outcome.Output);
    }

    [Fact]
    public async Task Importing_loads_the_two_visible_assemblies_and_no_package()
    {
        var script = _folder.Write("import.ps1", $$"""
            Import-Module '{{Repository.Module}}'
            $null = [CiliumLab.Model.LabNode]
            foreach ($assembly in [AppDomain]::CurrentDomain.GetAssemblies()) {
                if (-not $assembly.IsDynamic -and $assembly.Location.StartsWith('{{Path.GetDirectoryName(Repository.Module)}}')) {
                    $assembly.GetName().Name
                }
            }
            """);

        var outcome = await HostProcess.RunAsync("-NoModule", script);

        Assert.Equal(
            ["CiliumLab.Model", "CiliumLab.PowerShell"],
            outcome.Output.Split('\n', StringSplitOptions.RemoveEmptyEntries).Order(StringComparer.Ordinal));
    }

    public void Dispose() => _folder.Dispose();
}
