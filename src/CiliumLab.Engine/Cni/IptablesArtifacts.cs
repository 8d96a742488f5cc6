using System.Globalization;
using CiliumLab.Engine.Nodes;
using CiliumLab.Model;

namespace CiliumLab.Engine.Cni;

/// <summary>Chains and rules of one of a node's iptables. They are removed table by table, each in one step; on any failure all tables are put back.</summary>
internal sealed class IptablesArtifacts : IArtifactGroup
{
    // How long a node may take to put rules back after a failure.
    private static readonly TimeSpan RestoreTime = TimeSpan.FromSeconds(60);

    private readonly INodeShell _shell;
    private readonly CniArtifactOwner _owner;
    private readonly IptablesBackend _backend;
    private readonly IptablesRuleset _rules;
    private readonly IReadOnlyList<OwnedRules> _tables;
    private string _saved;

    private IptablesArtifacts(
        INodeShell shell, CniArtifactOwner owner, IptablesBackend backend, IptablesRuleset rules, IReadOnlyList<OwnedRules> tables)
    {
        (_shell, _owner, _backend, _rules, _tables, _saved) = (shell, owner, backend, rules, tables, "");
        Artifacts = [.. tables.SelectMany(RulesOf), .. tables.SelectMany(ChainsOf)];
    }

    /// <inheritdoc/>
    public IReadOnlyList<CniArtifact> Artifacts { get; }

    /// <summary>Looks into every back end and family that the node has a program for.</summary>
    public static IEnumerable<IArtifactGroup> Find(INodeShell shell, CniArtifactOwner owner, NodeKernelState state) =>
        state.Iptables.Select(one => (one.Backend, one.Rules, Tables: Owned(one.Rules, owner)))
            .Where(one => one.Tables.Count > 0)
            .Select(one => new IptablesArtifacts(shell, owner, one.Backend, one.Rules, one.Tables));

    /// <inheritdoc/>
    public async Task BackUpAsync(ArtifactBackup backup, CancellationToken cancellationToken)
    {
        await backup.WriteAsync($"{_backend.Program}-save.txt", _rules.Text, cancellationToken).ConfigureAwait(false);
        _saved = $"{backup.Folder}/{_backend.Program}-save.txt";
    }

    /// <inheritdoc/>
    public async Task RemoveAsync(Func<CniArtifact, ValueTask> removed, CancellationToken cancellationToken)
    {
        if (await RefusalAsync(_backend.Test(string.Concat(_tables.Select(table => table.Removal))), cancellationToken).ConfigureAwait(false) is { } refused)
            throw NotRemoved(refused, "Nothing was changed.");
        var changed = new List<string>();
        string? failure = null;
        foreach (var table in _tables)
        {
            failure = await RefusalAsync(_backend.Change(table.Removal), cancellationToken).ConfigureAwait(false);
            if (failure is not null)
                break;
            changed.Add(table.Table);
        }

        failure ??= await DifferenceAsync(cancellationToken).ConfigureAwait(false);
        if (failure is not null)
            throw NotRemoved(failure, await PutBackAsync(changed).ConfigureAwait(false));
        foreach (var artifact in Artifacts)
            await removed(artifact).ConfigureAwait(false);
    }

    private async Task<string?> RefusalAsync(NodeCommand command, CancellationToken cancellationToken)
    {
        var result = await _shell.RunAsync(command, cancellationToken).ConfigureAwait(false);
        return result.ExitCode == 0 ? null : $"{string.Join(' ', command.Arguments)} says: {result.Error.Trim()}";
    }

    private async Task<string?> DifferenceAsync(CancellationToken cancellationToken)
    {
        IptablesRuleset? now;
        try
        {
            now = await _backend.TryReadAsync(_shell, static _ => { }, cancellationToken).ConfigureAwait(false);
        }
        catch (LabException error) when (error.Kind != LabErrorKind.ConnectionError)
        {
            return error.Message;
        }

        return _tables
            .Select(table => (table.Table, Difference: table.Difference(now?.Tables.FirstOrDefault(other => other.Table == table.Table), _owner)))
            .Where(table => table.Difference is not null)
            .Select(table => $"table {table.Table} is not as it should be then: {table.Difference}")
            .FirstOrDefault();
    }

    // Its own time limit: it must be tried whatever became of the caller's.
    private async Task<string> PutBackAsync(List<string> tables)
    {
        using var limit = new CancellationTokenSource(RestoreTime);
        try
        {
            foreach (var table in tables)
            {
                if (await RefusalAsync(_backend.Replace(table, _rules.Text), limit.Token).ConfigureAwait(false) is { } refused)
                    return $"Table {table} could not be put back: {refused}";
            }

            return "All rules are as they were.";
        }
        catch (Exception error) when (error is LabException or OperationCanceledException)
        {
            return $"The rules could not be put back: {error.Message}";
        }
    }

    private LabException NotRemoved(string failure, string outcome) =>
        new(
            "IptablesNotChanged",
            LabErrorKind.RemoteCommandFailed,
            $"The rules of {_owner} were not removed from {_backend.Program} on node '{_shell.Node}': {failure} {outcome}",
            _shell.Node,
            $"The rules as they were can be put back with: Invoke-NodeCommand -Node {_shell.Node} -Sudo -Command {ShellQuoting.JoinForPowerShell([$"{_backend.Program}-restore", "--counters", _saved])}");

    private static List<OwnedRules> Owned(IptablesRuleset rules, CniArtifactOwner owner) =>
        [.. rules.Tables.Select(table => OwnedRules.Of(table, owner)).Where(table => !table.IsEmpty)];

    private IEnumerable<CniArtifact> RulesOf(OwnedRules table) =>
        table.Rules.Select(rule => Artifact(CniArtifactKind.Rule, rule.Chain, $"{_backend.Program} {table.Table}: {rule.Specification}"));

    private IEnumerable<CniArtifact> ChainsOf(OwnedRules table) => table.Chains.Select(chain => Artifact(
        CniArtifactKind.Chain,
        chain.Chain,
        table.CountRules(chain) is var count && count == 1
            ? $"{_backend.Program} {table.Table}: 1 rule"
            : string.Create(CultureInfo.InvariantCulture, $"{_backend.Program} {table.Table}: {count} rules")));

    private CniArtifact Artifact(CniArtifactKind kind, string name, string detail) =>
        new() { Node = _shell.Node, Owner = _owner, Kind = kind, Name = name, Detail = detail };
}
