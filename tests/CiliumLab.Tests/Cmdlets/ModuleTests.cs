namespace CiliumLab.Tests.Cmdlets;

public sealed class ModuleTests
{
    [Fact]
    public void Model_types_resolve_at_the_prompt()
    {
        using var prompt = new Prompt();

        Assert.Equal("CiliumLab.Model.LabNode", prompt.Get("[CiliumLab.Model.LabNode].FullName").Single().BaseObject);
    }

    [Fact]
    public void Without_a_lab_a_cmdlet_says_how_to_open_one()
    {
        using var prompt = new Prompt();

        var screen = prompt.Show("Get-NodeHostEntry");

        Assert.Contains("No lab is connected in this session", screen, StringComparison.Ordinal);
        Assert.Contains("Connect-LabCluster -Inventory FILE", screen, StringComparison.Ordinal);
    }
}
