using System.Text.RegularExpressions;
using Markdig;
using Markdig.Extensions.Yaml;
using Markdig.Syntax;
using Markdig.Syntax.Inlines;

namespace CiliumLab.Help;

/// <summary>Reads the Markdown page of a cmdlet (PlatyPS schema 2.0.0).</summary>
public static partial class PageReader
{
    private const string Schema = "2.0.0";

    private static readonly MarkdownPipeline Markdown = new MarkdownPipelineBuilder().UseYamlFrontMatter().Build();

    /// <exception cref="PageException">The page does not keep to the schema.</exception>
    public static CommandPage Read(string file) => Parse(File.ReadAllText(file), file);

    /// <exception cref="PageException">The page does not keep to the schema.</exception>
    public static CommandPage Parse(string text, string file)
    {
        var document = Markdig.Markdown.Parse(text, Markdown);
        var header = document.OfType<YamlFrontMatterBlock>().FirstOrDefault()?.Lines.ToString()
            ?? throw new PageException(file, 1, "the page has no front matter");
        if (HeaderField(header, "schema") != Schema)
            throw new PageException(file, 1, $"the front matter does not say 'schema: {Schema}'");
        var page = new PageSection(file, "page", 1, [.. document.Where(block => block is not YamlFrontMatterBlock)]);
        var title = page.Split(1) is [var only] ? only : throw new PageException(file, 1, "the page has not exactly one title");
        var sections = title.Split(2).ToDictionary(section => section.Title, StringComparer.Ordinal);

        return new CommandPage
        {
            Name = title.Title,
            OnlineVersion = HeaderField(header, "online version"),
            Synopsis = Section("SYNOPSIS").Paragraphs,
            Syntax = Syntax(Section("SYNTAX")),
            Description = Section("DESCRIPTION").Paragraphs,
            Examples = [.. Section("EXAMPLES").Split(3).Select(Example)],
            Parameters = [.. Section("PARAMETERS").Split(3).Where(section => section.Title.StartsWith('-')).Select(Parameter)],
            Inputs = Types(Section("INPUTS")),
            Outputs = Types(Section("OUTPUTS")),
            Notes = sections.TryGetValue("NOTES", out var notes) ? notes.Paragraphs : [],
            Links = sections.TryGetValue("RELATED LINKS", out var links) ? Links(links) : [],
        };

        PageSection Section(string name) => sections.TryGetValue(name, out var section)
            ? section
            : throw new PageException(file, title.Line, $"the section '## {name}' is missing");
    }

    private static string HeaderField(string header, string name) =>
        Regex.Match(header, $"^{Regex.Escape(name)}:(.*)$", RegexOptions.Multiline).Groups[1].Value.Trim();

    private static PageSyntax[] Syntax(PageSection section) => section.Split(3) is { Count: > 0 } sets
        ? [.. sets.Select(set => new PageSyntax(DefaultMark().Replace(set.Title, ""), OneCode(set)))]
        : [new PageSyntax("", OneCode(section))];

    private static string OneCode(PageSection section) => section.Blocks.OfType<FencedCodeBlock>().ToList() is [var code]
        ? PlainText.Code(code)
        : throw section.Error("exactly one code block is expected here");

    private static PageExample Example(PageSection section)
    {
        var at = section.Blocks.TakeWhile(block => block is not FencedCodeBlock).Count();
        if (at == section.Blocks.Count)
            throw section.Error("an example needs a code block");
        return new PageExample(
            section.Title,
            PlainText.Of(section.Blocks.Take(at)),
            PlainText.Code((FencedCodeBlock)section.Blocks[at]),
            PlainText.Of(section.Blocks.Skip(at + 1)));
    }

    private static PageParameter Parameter(PageSection section)
    {
        var blocks = section.Blocks.OfType<FencedCodeBlock>().Where(code => code.Info == "yaml").ToList();
        if (blocks.Count == 0)
            throw section.Error($"the parameter {section.Title} has no yaml block");
        try
        {
            return new PageParameter(
                section.Title[1..],
                PlainText.Of(section.Blocks.Where(block => !blocks.Contains(block))),
                [.. blocks.Select(block => ParameterUse.Parse(PlainText.Code(block)))]);
        }
        catch (FormatException error)
        {
            throw section.Error($"the parameter {section.Title}: {error.Message}");
        }
    }

    private static PageType[] Types(PageSection section) =>
        [.. section.Split(3).Select(type => new PageType(type.Title, type.Paragraphs))];

    private static PageLink[] Links(PageSection section) =>
    [
        .. section.Blocks
            .SelectMany(block => block is ContainerBlock container ? container.Descendants<LeafBlock>() : [(LeafBlock)block])
            .SelectMany(leaf => leaf.Inline?.Descendants<LinkInline>() ?? [])
            .Select(link => new PageLink(PlainText.Of(link), IsAddress(link.Url) ? link.Url! : "")),
    ];

    // Everything else is a page of this help, which Get-Help finds by its name.
    private static bool IsAddress(string? url) => url?.Contains("://", StringComparison.Ordinal) == true;

    [GeneratedRegex(@"\s*\(Default\)$")]
    private static partial Regex DefaultMark();
}
