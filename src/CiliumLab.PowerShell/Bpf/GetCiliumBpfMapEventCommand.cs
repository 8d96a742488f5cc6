using System.Management.Automation;
using CiliumLab.Engine.Bpf;
using CiliumLab.Model;
using CiliumLab.PowerShell.Cilium;
using CiliumLab.PowerShell.Completion;

namespace CiliumLab.PowerShell.Bpf;

/// <summary>Get-CiliumBpfMapEvent: how agents changed a map.</summary>
[Cmdlet(VerbsCommon.Get, "CiliumBpfMapEvent")]
[OutputType(typeof(BpfMapEvent))]
public sealed class GetCiliumBpfMapEventCommand : AgentStreamCmdlet
{
    /// <summary>The maps whose changes are wanted.</summary>
    [Parameter(Mandatory = true, Position = 1, ValueFromPipelineByPropertyName = true)]
    [ArgumentCompleter(typeof(CiliumMapNameCompleter))]
    public string[] MapName { get; set; } = [];

    /// <summary>Goes on with the changes to come; a duration does so too.</summary>
    [Parameter]
    public SwitchParameter Follow { get; set; }

    /// <inheritdoc/>
    protected override void ProcessRecord()
    {
        var (agents, isFollowed) = (Require(() => Session.Agents), Follow || Duration is not null);
        foreach (var node in NodeNames())
        {
            foreach (var map in MapName)
                StartStream(node, (_, warn, token) => CiliumMaps.EventsAsync(agents, node, map, isFollowed, warn, token));
        }
    }
}
