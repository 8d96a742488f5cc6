using System.Management.Automation;
using System.Net;
using System.Security;
using CiliumLab.Engine.Labs.Description;
using CiliumLab.Engine.Nodes;
using CiliumLab.Engine.Nodes.Ssh;
using CiliumLab.Model;
using CiliumLab.PowerShell.Completion;
using CiliumLab.PowerShell.Pump;

namespace CiliumLab.PowerShell.Labs;

/// <summary>Connect-LabCluster: opens a lab and makes it the current one.</summary>
[Cmdlet(VerbsCommunications.Connect, "LabCluster", DefaultParameterSetName = "Name")]
[OutputType(typeof(LabCluster))]
public sealed class ConnectLabClusterCommand : LabCmdlet
{
    /// <summary>The lab's name; with -Inventory, the name that it gets.</summary>
    [Parameter(Position = 0, Mandatory = true, ParameterSetName = "Name", ValueFromPipelineByPropertyName = true)]
    [Parameter(Position = 0, ParameterSetName = "Inventory")]
    [ArgumentCompleter(typeof(LabNameCompleter))]
    [ValidateNotNullOrEmpty]
    public string? Name { get; set; }

    /// <summary>A YAML file that lists existing nodes and how they are reached.</summary>
    [Parameter(Mandatory = true, ParameterSetName = "Inventory")]
    [ValidateNotNullOrEmpty]
    public string? Inventory { get; set; }

    /// <summary>The kubeconfig of the cluster; replaces the one that the inventory names.</summary>
    [Parameter(ParameterSetName = "Inventory")]
    [ValidateNotNullOrEmpty]
    public string? KubeConfig { get; set; }

    /// <summary>A user and password for nodes that take one; its user also logs in where the inventory names none.</summary>
    [Parameter]
    [Credential]
    public PSCredential? Credential { get; set; }

    /// <summary>The passphrase of encrypted private keys.</summary>
    [Parameter]
    public SecureString? KeyPassphrase { get; set; }

    /// <inheritdoc/>
    protected override void ProcessRecord()
    {
        var connections = RunspaceLabs.Here;
        var lab = Require(() => Inventory is null ? connections.Store.Read(Name!) : FromInventory(connections.Store));
        var session = Require(_ => connections.ConnectAsync(lab, Secrets()));
        var tried = session.Nodes.Select(node => Try(session.Shell(node))).ToList();
        Start(async (output, cancellationToken) =>
        {
            await Task.WhenAll(tried).WaitAsync(cancellationToken).ConfigureAwait(false);
            await LabClusters.WriteAsync(lab, connections, output, cancellationToken).ConfigureAwait(false);
        });
    }

    // Completes when the node has answered or failed; its failure is an error of its own.
    private Task Try(INodeShell shell)
    {
        var tried = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        Start(async (output, cancellationToken) =>
        {
            try
            {
                await output.StepAsync(shell.Node, "connecting").ConfigureAwait(false);
                await shell.RunAsync(NodeCommand.Of("true"), cancellationToken).ConfigureAwait(false);
                await output.VerboseAsync($"{shell.Node} answers.").ConfigureAwait(false);
            }
            finally
            {
                tried.SetResult();
            }
        });
        return tried.Task;
    }

    private LabDescription FromInventory(Engine.Labs.LabStore store)
    {
        var file = GetUnresolvedProviderPathFromPSPath(Inventory);
        var text = LabFiles.Read(file, "Inventory", "about_CiliumLab_Inventory");
        var lab = LabYaml.Read(text, file, Name);
        if (KubeConfig is not null)
            lab = lab with { KubeConfig = GetUnresolvedProviderPathFromPSPath(KubeConfig) };
        if (lab.KubeConfig is not null)
            _ = Engine.Labs.KubeConfigFile.ApiServer(lab.KubeConfig);
        store.Write(lab);
        return lab;
    }

    private SshCredential Secrets() => new()
    {
        User = Credential?.UserName,
        Password = Credential?.GetNetworkCredential().Password,
        KeyPassphrase = KeyPassphrase is null ? null : new NetworkCredential("", KeyPassphrase).Password,
    };
}
