using CiliumLab.Model;
using CiliumLab.Tests.Host;

namespace CiliumLab.Tests.Cmdlets;

/// <summary>What cmdlets say about the files of a lab, and where the module itself may lie.</summary>
public sealed class LabFileTests : IDisposable
{
    private readonly ScratchFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public void A_lab_whose_kubeconfig_is_gone_is_still_listed()
    {
        using var prompt = new Prompt();
        var kubeConfig = _folder.Write("kubeconfig", """
            current-context: a
            contexts: [{name: a, context: {cluster: a}}]
            clusters: [{name: a, cluster: {server: "https://10.0.0.1:6443"}}]
            """);
        var name = "gone-" + Guid.NewGuid().ToString("N");
        var inventory = _folder.Write("lab.yaml", $"kubeConfig: {kubeConfig}\nnodes:\n  - node: a\n    host: 127.0.0.1\n    port: 1\n    user: nobody\n");
        prompt.Run("Connect-LabCluster $args[0] -Inventory $args[1] -ErrorAction Ignore", name, inventory);
        File.Delete(kubeConfig);

        var outcome = prompt.Run("Get-LabCluster $args[0]", name);

        var lab = Assert.IsType<LabCluster>(Assert.Single(outcome.Output).BaseObject);
        Assert.Null(lab.ApiServer);
        Assert.StartsWith("KubeConfigNotFound,", Assert.Single(outcome.Errors).FullyQualifiedErrorId, StringComparison.Ordinal);
    }

    [Fact]
    public async Task The_module_works_from_a_folder_with_blanks_and_other_letters_twice_and_again()
    {
        var module = Path.Combine(_folder.Path, "Mein Gerät ☃", "CiliumLab");
        foreach (var file in Directory.EnumerateFiles(Path.GetDirectoryName(Repository.Module)!, "*", SearchOption.AllDirectories))
        {
            var copy = Path.Combine(module, Path.GetRelativePath(Path.GetDirectoryName(Repository.Module)!, file));
            Directory.CreateDirectory(Path.GetDirectoryName(copy)!);
            File.Copy(file, copy);
        }

        var lines = string.Join('\n', Enumerable.Range(1, 3).Select(_ => $"""
            Import-Module '{module}'
            ('127.0.0.1 localhost' | ConvertFrom-LabOutput HostsFile -Node a).Node
            Remove-Module CiliumLab
            """));
        var outcome = await HostProcess.RunAsync("-NoModule", _folder.Write("import.ps1", lines));

        Assert.Equal("", outcome.Error);
        Assert.Equal("a\na\na\n", outcome.Output);
    }
}
