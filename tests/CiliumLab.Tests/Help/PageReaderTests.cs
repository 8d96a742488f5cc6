using CiliumLab.Help;

namespace CiliumLab.Tests.Help;

public sealed class PageReaderTests
{
    private const string Whole = """
        ---
        external help file: CiliumLab.PowerShell.dll-Help.xml
        Module Name: CiliumLab
        online version: https://example.com/Test-It
        schema: 2.0.0
        ---

        # Test-It

        ## SYNOPSIS
        Tests `it` with **care**.

        ## SYNTAX

        ### Name (Default)
        ```
        Test-It [-Name] <String[]> [<CommonParameters>]
        ```

        ### Path
        ```
        Test-It -Path <String> [-Quiet]
        ```

        ## DESCRIPTION
        One paragraph,
        on two lines.

        - first
        - second, see [Get-It](Get-It.md)

        ## EXAMPLES

        ### Example 1: Once
        Before.

        ```powershell
        Test-It a |
            Format-Table
        ```

        After.

        ## PARAMETERS

        ### -Name
        What to test.

        ```yaml
        Type: String[]
        Parameter Sets: Name
        Aliases: N, Id

        Required: True
        Position: 0
        Default value: None
        Accept pipeline input: True (ByPropertyName, ByValue)
        Accept wildcard characters: True
        ```

        ### -Quiet
        Only the answer.

        ```yaml
        Type: SwitchParameter
        Parameter Sets: Path
        Aliases:

        Required: False
        Position: Named
        Default value: False
        Accept pipeline input: False
        Accept wildcard characters: False
        ```

        ### CommonParameters
        The usual ones.

        ## INPUTS

        ### System.String[]
        Names.

        ## OUTPUTS

        ### System.Boolean

        ## NOTES

        ## RELATED LINKS

        [Get-It](Get-It.md)
        """;

    [Fact]
    public void Reads_every_section()
    {
        var page = PageReader.Parse(Whole, "Test-It.md");

        Assert.Equal("Test-It", page.Name);
        Assert.Equal("https://example.com/Test-It", page.OnlineVersion);
        Assert.Equal(["Tests it with care."], page.Synopsis);
        Assert.Equal(["One paragraph, on two lines.", "- first\n- second, see Get-It"], page.Description);
        Assert.Equal(["Name", "Path"], page.Syntax.Select(syntax => syntax.Set));
        Assert.Equal("Test-It -Path <String> [-Quiet]", page.Syntax[1].Text);
        var example = Assert.Single(page.Examples);
        Assert.Equal(("Example 1: Once", "Test-It a |\n    Format-Table"), (example.Title, example.Code));
        Assert.Equal(["Before."], example.Introduction);
        Assert.Equal(["After."], example.Remarks);
        Assert.Equal([new PageLink("Get-It", "")], page.Links);
        Assert.Equal("System.String[]", Assert.Single(page.Inputs).Name);
    }

    [Fact]
    public void Reads_how_a_parameter_is_used()
    {
        var page = PageReader.Parse(Whole, "Test-It.md");

        Assert.Equal(["Name", "Quiet"], page.Parameters.Select(parameter => parameter.Name));
        var use = Assert.Single(page.Parameters[0].Uses);
        Assert.Equal(("String[]", true, 0), (use.Type, use.Required, use.Position));
        Assert.Equal(["N", "Id"], use.Aliases);
        Assert.True(use.PipelineByValue && use.PipelineByPropertyName && use.Wildcards);
        Assert.True(use.IsIn("name"));
        Assert.False(use.IsIn("Path"));
        Assert.Null(page.Parameters[1].Uses[0].Position);
    }

    [Fact]
    public void Writes_each_parameter_set_with_its_own_parameters()
    {
        var maml = Maml.Document([PageReader.Parse(Whole, "Test-It.md")]);

        var items = maml.Descendants().Where(element => element.Name.LocalName == "syntaxItem").ToList();
        Assert.Equal(2, items.Count);
        Assert.Equal(["Name"], Names(items[0]));
        Assert.Equal(["Quiet"], Names(items[1]));
        Assert.DoesNotContain(items[1].Descendants(), element => element.Name.LocalName == "parameterValue");

        static IEnumerable<string> Names(System.Xml.Linq.XElement item) =>
            item.Elements().Where(element => element.Name.LocalName == "parameter").Select(element => element.Elements().First().Value);
    }

    [Theory]
    [InlineData("schema: 2.0.0", "schema: 1.0.0", 1, "the front matter does not say 'schema: 2.0.0'")]
    [InlineData("## SYNOPSIS", "## Summary", 8, "the section '## SYNOPSIS' is missing")]
    [InlineData("Position: 0\n", "", 46, "the parameter -Name: 'Position' is missing")]
    [InlineData("Position: 0", "Position: first", 46, "the parameter -Name: 'Position' is Named or a number, not 'first'")]
    [InlineData("Required: True", "Requires: True", 46, "the parameter -Name: 'Requires' is not a field of the schema")]
    public void Says_where_a_page_leaves_the_schema(string text, string replacement, int line, string problem)
    {
        var page = Whole.ReplaceLineEndings("\n").Replace(text, replacement, StringComparison.Ordinal);

        var error = Assert.Throws<PageException>(() => PageReader.Parse(page, "Test-It.md"));

        Assert.Equal($"Test-It.md({line}): error HELP001: {problem}", error.Message);
    }

    [Fact]
    public void Wraps_about_topics_and_leaves_code_alone()
    {
        var code = "Get-Something " + new string('x', 90);

        var words = string.Concat(Enumerable.Repeat("word ", 30));
        var text = AboutTopic.Render($"# about_It\n\n## Short description\n{words}\n\n```\n{code}\n```\n");

        var lines = text.Split('\n');
        Assert.Equal("ABOUT_IT", lines[0]);
        Assert.Contains("        " + code, lines);
        Assert.All(lines.Where(line => !line.EndsWith(code, StringComparison.Ordinal)), line => Assert.True(line.Length < 80, line));
    }
}
