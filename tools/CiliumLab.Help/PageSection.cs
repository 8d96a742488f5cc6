using Markdig.Syntax;

namespace CiliumLab.Help;

/// <summary>A heading of a page and what stands under it.</summary>
internal sealed record PageSection(string File, string Title, int Line, IReadOnlyList<Block> Blocks)
{
    /// <summary>The text of this section as paragraphs.</summary>
    public IReadOnlyList<string> Paragraphs => PlainText.Of(Blocks);

    /// <summary>The sections that headings of this level begin; what stands before the first is not among them.</summary>
    public IReadOnlyList<PageSection> Split(int level)
    {
        var sections = new List<PageSection>();
        foreach (var block in Blocks)
        {
            if (block is HeadingBlock heading && heading.Level == level)
                sections.Add(new PageSection(File, PlainText.Of(heading.Inline), heading.Line + 1, new List<Block>()));
            else if (sections.Count > 0)
                ((List<Block>)sections[^1].Blocks).Add(block);
        }

        return sections;
    }

    public PageException Error(string problem) => new(File, Line, problem);
}
