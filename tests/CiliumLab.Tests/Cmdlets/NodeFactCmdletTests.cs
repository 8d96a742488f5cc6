using System.Management.Automation;

namespace CiliumLab.Tests.Cmdlets;

public sealed class NodeFactCmdletTests
{
    [Theory]
    [InlineData("Get-NodeInfo", "NodeInfo")]
    [InlineData("Get-NodeDns", "NodeDns")]
    [InlineData("Get-NodeConnection", "NodeConnection")]
    [InlineData("Get-NodeContainer", "NodeContainer")]
    [InlineData("Get-NodeKernelModule", "KernelModule")]
    [InlineData("Enable-NodeKernelModule", "KernelModule")]
    [InlineData("Get-NodeCniConfig", "CniConfig")]
    [InlineData("Test-NodeConnectivity", "NodeConnectivity")]
    [InlineData("Get-NodeInternalIp", "NodeInternalIp")]
    [InlineData("Set-NodeInternalIp", "NodeInternalIp")]
    public void A_cmdlet_says_what_it_returns_and_takes_nodes_from_the_pipeline(string name, string type)
    {
        using var prompt = new Prompt();

        var command = (CmdletInfo)prompt.Get("Get-Command $args[0]", name).Single().BaseObject;

        Assert.Contains(command.OutputType, output => output.Name == $"CiliumLab.Model.{type}");
        Assert.Contains(command.Parameters["Node"].Attributes.OfType<ParameterAttribute>(), parameter => parameter.ValueFromPipeline);
        Assert.Equal(name.StartsWith("Set-", StringComparison.Ordinal) || name.StartsWith("Enable-", StringComparison.Ordinal), command.Parameters.ContainsKey("WhatIf"));
    }

    [Theory]
    [InlineData("Enable-NodeKernelModule -Name vxlan -WhatIf")]
    [InlineData("Set-NodeInternalIp -Interface eth1 -WhatIf")]
    [InlineData("Test-NodeConnectivity -Quiet")]
    [InlineData("Get-NodeCniConfig -Binary")]
    public void Without_a_lab_a_cmdlet_says_how_to_open_one(string line)
    {
        using var prompt = new Prompt();

        var error = Assert.Single(prompt.Run(line).Errors);

        Assert.StartsWith("NoCurrentLab,", error.FullyQualifiedErrorId, StringComparison.Ordinal);
    }

    [Fact]
    public void Two_addresses_of_one_family_are_refused_before_any_node_is_asked()
    {
        using var prompt = new Prompt();

        var error = Assert.Single(prompt.Run("Set-NodeInternalIp -Address 10.0.0.1, 10.0.0.2").Errors);

        Assert.StartsWith("AddressesOfOneFamily,", error.FullyQualifiedErrorId, StringComparison.Ordinal);
        Assert.Equal(ErrorCategory.InvalidArgument, error.CategoryInfo.Category);
    }

    [Theory]
    [InlineData("Set-NodeInternalIp -Interface eth1 -Address 10.0.0.1", "AmbiguousParameterSet")]
    [InlineData("Set-NodeInternalIp -Address eth1", "CannotConvertArgumentNoMessage")]
    [InlineData("Get-NodeConnection -LocalPort 70000", "ParameterArgumentValidationError")]
    [InlineData("Get-NodeConnection -State Open", "CannotConvertArgumentNoMessage")]
    public void Values_that_cannot_be_are_refused_by_binding(string line, string errorId)
    {
        using var prompt = new Prompt();

        Assert.StartsWith(errorId + ",", Assert.Single(prompt.Run(line).Errors).FullyQualifiedErrorId, StringComparison.Ordinal);
    }

    [Fact]
    public void Tab_offers_states()
    {
        using var prompt = new Prompt();

        Assert.Contains("Established", prompt.Complete("Get-NodeConnection -State Est"));
        Assert.Contains("Exited", prompt.Complete("Get-NodeContainer -State "));
    }
}
