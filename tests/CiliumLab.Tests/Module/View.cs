using System.Xml.Linq;

namespace CiliumLab.Tests.Module;

/// <summary>One view of a format file.</summary>
internal sealed record View(string File, string TypeName, XElement Element)
{
    public static string Folder { get; } = Path.Combine(Repository.Root, "src", "CiliumLab.PowerShell", "Formats");

    public static IReadOnlyList<string> Files { get; } = [.. Directory.EnumerateFiles(Folder, "*.format.ps1xml").Order(StringComparer.Ordinal)];

    public static IReadOnlyList<View> All { get; } =
    [
        .. from file in Files
           from view in XDocument.Load(file).Descendants("View")
           from type in view.Element("ViewSelectedBy")!.Elements("TypeName")
           select new View(Path.GetFileName(file), type.Value, view),
    ];

    /// <summary>The tables, with their columns' labels and widths; the width is null where the formatter chooses it.</summary>
    public IEnumerable<IReadOnlyList<(string Label, int? Width)>> Tables =>
        from table in Element.Elements("TableControl")
        let headers = table.Element("TableHeaders")!.Elements("TableColumnHeader").ToList()
        let items = table.Descendants("TableColumnItem").ToList()
        select (IReadOnlyList<(string, int?)>)
        [
            .. headers.Select((header, i) => (
                (string?)header.Element("Label") ?? (string?)items[i].Element("PropertyName") ?? "",
                (int?)header.Element("Width"))),
        ];
}
