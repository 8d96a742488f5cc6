using CiliumLab.Help;
using CiliumLab.Tests.Cmdlets;
using CiliumLab.Tests.Module;

namespace CiliumLab.Tests.Help;

/// <summary>Every cmdlet has its page, and the page says what the cmdlet is.</summary>
public sealed class PageTests
{
    private static readonly string Folder = Path.Combine(Repository.Root, "docs", "en-US");

    public static TheoryData<string> Cmdlets => [.. ModuleManifest.Cmdlets];

    [Fact]
    public void Every_page_belongs_to_a_cmdlet() =>
        Assert.Empty(Directory.EnumerateFiles(Folder, "*-*.md").Select(Path.GetFileNameWithoutExtension).Except(ModuleManifest.Cmdlets));

    [Theory]
    [MemberData(nameof(Cmdlets))]
    public void Says_what_the_cmdlet_is_for_and_shows_two_examples(string cmdlet)
    {
        var page = Page(cmdlet);

        Assert.Equal(cmdlet, page.Name);
        Assert.NotEmpty(page.Synopsis);
        Assert.NotEmpty(page.Description);
        Assert.True(page.Examples.Count >= 2, $"{page.Examples.Count} examples");
        Assert.All(page.Examples, example => Assert.NotEmpty(example.Code));
        Assert.Equal(page.Examples.Count, page.Examples.Select(example => example.Code).Distinct().Count());
        Assert.All(page.Parameters, parameter => Assert.NotEmpty(parameter.Description));
    }

    [Theory]
    [MemberData(nameof(Cmdlets))]
    public void Names_every_parameter_and_no_other(string cmdlet)
    {
        using var prompt = new Prompt();
        var actual = PageReflection.Of(prompt, cmdlet);
        var page = Page(cmdlet);

        var optional = actual.Optional.Intersect(page.Parameters.Select(parameter => parameter.Name));

        Assert.Equal(
            actual.Parameters.Select(parameter => parameter.Name).Concat(optional).Order(StringComparer.Ordinal),
            page.Parameters.Select(parameter => parameter.Name).Order(StringComparer.Ordinal));
    }

    [Theory]
    [MemberData(nameof(Cmdlets))]
    public void Agrees_with_the_cmdlet_on_every_parameter(string cmdlet)
    {
        using var prompt = new Prompt();

        Assert.Empty(PageReflection.Of(prompt, cmdlet).Disagreements(Page(cmdlet)));
    }

    [Theory]
    [MemberData(nameof(Cmdlets))]
    public void Shows_the_syntax_of_every_parameter_set(string cmdlet)
    {
        using var prompt = new Prompt();
        var sets = PageReflection.Of(prompt, cmdlet).Sets;
        var page = Page(cmdlet);

        Assert.Equal(sets.Count, page.Syntax.Count);
        foreach (var (name, parameters) in sets)
        {
            var text = sets.Count == 1 ? page.Syntax[0].Text : page.Syntax.Single(syntax => syntax.Set == name).Text;
            Assert.All(parameters, parameter => Assert.Matches($@"-{parameter}\b", text));
        }
    }

    [Theory]
    [MemberData(nameof(Cmdlets))]
    public void Is_what_Get_Help_shows(string cmdlet)
    {
        using var prompt = new Prompt();
        var page = Page(cmdlet);

        var help = Assert.Single(prompt.Get("Get-Help $args[0] -Full", cmdlet));

        Assert.Equal(string.Join('\n', page.Synopsis), ((string)help.Properties["Synopsis"].Value).Trim());
        Assert.All(
            page.Parameters,
            parameter => Assert.Equal(
                parameter.Name,
                prompt.Get("(Get-Help $args[0] -Parameter $args[1]).name", cmdlet, parameter.Name).Single().BaseObject));
        var examples = WithoutBlanks(prompt.Show("Get-Help $args[0] -Examples", cmdlet));
        Assert.All(page.Examples, example => Assert.Contains(WithoutBlanks(example.Code), examples, StringComparison.Ordinal));
    }

    [Fact]
    public void About_topics_are_in_the_help_of_the_module()
    {
        using var prompt = new Prompt();

        foreach (var topic in Directory.EnumerateFiles(Folder, "about_*.md").Select(Path.GetFileNameWithoutExtension))
            Assert.Contains("SHORT DESCRIPTION", prompt.Get("Get-Help $args[0]", topic).Single().ToString(), StringComparison.Ordinal);
    }

    // The screen breaks lines where the page does not.
    private static string WithoutBlanks(string text) => string.Concat(text.Where(character => !char.IsWhiteSpace(character)));

    private static CommandPage Page(string cmdlet)
    {
        var file = Path.Combine(Folder, cmdlet + ".md");
        Assert.True(File.Exists(file), $"{cmdlet} has no page docs/en-US/{cmdlet}.md");
        return PageReader.Read(file);
    }
}
