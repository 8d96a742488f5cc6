using System.Management.Automation;
using CiliumLab.Engine.Cilium;
using CiliumLab.Engine.Labs;
using CiliumLab.Model;
using CiliumLab.PowerShell.Completion;
using CiliumLab.PowerShell.Labs;
using CiliumLab.PowerShell.Pump;

namespace CiliumLab.PowerShell.Cilium;

/// <summary>Set-CiliumConfig: sets keys of Cilium's ConfigMap, and starts the agents anew, one after the other.</summary>
[Cmdlet(VerbsCommon.Set, "CiliumConfig", SupportsShouldProcess = true, ConfirmImpact = ConfirmImpact.High, DefaultParameterSetName = "Value")]
[OutputType(typeof(CiliumConfigEntry))]
public sealed class SetCiliumConfigCommand : LabScopedCmdlet
{
    private readonly Dictionary<string, string?> _values = new(StringComparer.Ordinal);
    private LabSession? _session;

    /// <summary>The key.</summary>
    [Parameter(Position = 0, Mandatory = true, ValueFromPipelineByPropertyName = true)]
    [ValidateNotNullOrEmpty]
    [ArgumentCompleter(typeof(CiliumConfigKeyCompleter))]
    public string Key { get; set; } = "";

    /// <summary>Its value. $true and $false become what Cilium writes.</summary>
    [Parameter(Position = 1, Mandatory = true, ParameterSetName = "Value")]
    [AllowEmptyString]
    public object Value { get; set; } = "";

    /// <summary>Takes the key away, so that the agents go by their own default.</summary>
    [Parameter(Mandatory = true, ParameterSetName = "Remove")]
    public SwitchParameter Remove { get; set; }

    /// <summary>Leaves the agents running; they go by the new values when they next start.</summary>
    [Parameter]
    public SwitchParameter NoRestart { get; set; }

    /// <summary>Restarts the agents even when every value is right already.</summary>
    [Parameter]
    public SwitchParameter Restart { get; set; }

    /// <summary>Takes a key that no agent knows, and a value that agents cannot read.</summary>
    [Parameter]
    public SwitchParameter Force { get; set; }

    /// <summary>How long each agent may take to be ready again.</summary>
    [Parameter]
    [Seconds]
    public TimeSpan Timeout { get; set; } = TimeSpan.FromMinutes(3);

    /// <inheritdoc/>
    protected override void ProcessRecord()
    {
        _session = Session;
        _values[Key] = Remove ? null : Text(Value);
    }

    /// <inheritdoc/>
    protected override void EndProcessing()
    {
        if (_session is { } session)
        {
            var plan = Require(cancellationToken => CiliumConfigChange.PlanAsync(session, _values, Force, cancellationToken));
            var asked = plan.Entries.Where(entry => entry.Changed).All(entry => ShouldProcess(entry.Key, $"Change {Shown(entry.Before)} to {Shown(entry.Value)}"));
            if (asked)
                Start((output, cancellationToken) => SetAsync(session, plan, output, cancellationToken));
        }

        base.EndProcessing();
    }

    private static string Text(object value) => (value is PSObject wrapped ? wrapped.BaseObject : value) switch
    {
        bool flag => flag ? "true" : "false",
        var other => LanguagePrimitives.ConvertTo<string>(other),
    };

    private static string Shown(string? value) => value is null ? "nothing" : $"'{value}'";

    private async Task SetAsync(LabSession session, CiliumConfigChange plan, WorkOutput output, CancellationToken cancellationToken)
    {
        var changed = plan.Entries.Any(entry => entry.Changed);
        if (changed)
            await plan.WriteAsync(cancellationToken).ConfigureAwait(false);
        foreach (var entry in plan.Entries.Where(entry => entry is { Changed: true, Value: not null }))
            await output.WarningAsync($"The next 'helm upgrade' writes {entry.Key} anew. To keep it: {CiliumConfigChange.KeptByHelm(entry)}").ConfigureAwait(false);

        var restarted = new List<string>();
        if ((changed && !NoRestart) || Restart)
        {
            await foreach (var node in new AgentRestart(session.Cluster, Timeout).RunAsync((node, step) => output.StepAsync(node, step).AsTask(), cancellationToken).ConfigureAwait(false))
                restarted.Add(node);
        }

        foreach (var entry in plan.Entries)
            await output.WriteAsync(entry with { RestartedNodes = restarted }).ConfigureAwait(false);
    }
}
