using System.Management.Automation;
using CiliumLab.Engine.Nodes;
using CiliumLab.Engine.Text;
using CiliumLab.Model;
using CiliumLab.PowerShell.Completion;

namespace CiliumLab.PowerShell.Nodes;

/// <summary>Get-NodeIptablesRule: the rules of iptables and ip6tables with their counters, or their chains.</summary>
[Cmdlet(VerbsCommon.Get, "NodeIptablesRule", DefaultParameterSetName = RuleSet)]
[OutputType(typeof(IptablesRule), ParameterSetName = [RuleSet])]
[OutputType(typeof(IptablesChain), ParameterSetName = [ChainSet])]
public sealed class GetNodeIptablesRuleCommand : NodeReadCmdlet<IptablesLine>
{
    private const string RuleSet = "Rule";
    private const string ChainSet = "Chain";

    /// <summary>Only these tables; wildcards work.</summary>
    [Parameter(Position = 1)]
    [SupportsWildcards]
    [ArgumentCompleter(typeof(IptablesTableCompleter))]
    public string[]? Table { get; set; }

    /// <summary>Only these chains; wildcards work.</summary>
    [Parameter(Position = 2)]
    [SupportsWildcards]
    [ArgumentCompleter(typeof(IptablesChainCompleter))]
    public string[]? Chain { get; set; }

    /// <summary>Only iptables or only ip6tables; both when it is not given.</summary>
    [Parameter]
    public IptablesFamily[]? Family { get; set; }

    /// <summary>Only what these put there.</summary>
    [Parameter]
    public IptablesOwner[]? Owner { get; set; }

    /// <summary>Return the chains, also those without rules, instead of the rules.</summary>
    [Parameter(Mandatory = true, ParameterSetName = ChainSet)]
    public SwitchParameter ListChain { get; set; }

    private protected override IAsyncEnumerable<IptablesLine> ReadAsync(
        INodeShell shell, Action<TextWarning> warn, CancellationToken cancellationToken) =>
        IptablesCommands.ReadAsync(shell, Family, ListChain, warn, cancellationToken);

    private protected override bool Selects(IptablesLine item) => item switch
    {
        IptablesRule rule => Fits(rule.Table, rule.Chain) && (Owner is null || Owner.Contains(rule.Owner)),
        IptablesChain chain => Fits(chain.Table, chain.Chain) && (Owner is null || Owner.Contains(chain.Owner)),
        _ => false,
    };

    private bool Fits(string? table, string chain) => Wildcards.Match(Table, table) && Wildcards.Match(Chain, chain);
}
