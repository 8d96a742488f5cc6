namespace CiliumLab.Tests.Text;

/// <summary>Splits a recorded loop over nodes at its headings, as ConvertFrom-LabOutput does before a parser sees the text.</summary>
internal static class NodeSections
{
    public static IReadOnlyList<(string? Node, string Text)> Of(string text)
    {
        var sections = new List<(string? Node, string Text)>();
        string? node = null;
        var lines = new List<string>();
        foreach (var line in text.Split('\n'))
        {
            if (line.StartsWith(">> node : ", StringComparison.Ordinal))
            {
                Close();
                node = line[">> node : ".Length..].Replace("<<", "", StringComparison.Ordinal).Trim();
            }
            else
            {
                lines.Add(line);
            }
        }

        Close();
        return sections;

        void Close()
        {
            if (node is not null || lines.Any(line => line.Length > 0))
                sections.Add((node, string.Join('\n', lines)));
            lines.Clear();
        }
    }
}
