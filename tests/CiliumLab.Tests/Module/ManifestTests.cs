using System.Xml.Linq;
using CiliumLab.Tests.Cmdlets;

namespace CiliumLab.Tests.Module;

public sealed class ManifestTests
{
    [Fact]
    public void Exports_every_cmdlet_class_and_nothing_else() =>
        Assert.Equal(ModuleManifest.Classes.Keys.Order(StringComparer.Ordinal), ModuleManifest.Cmdlets.Order(StringComparer.Ordinal));

    [Fact]
    public void Loads_every_view_of_the_formats_folder_from_one_file()
    {
        var file = Path.Combine(Path.GetDirectoryName(Repository.Module)!, Assert.Single(ModuleManifest.Formats));

        var packaged = XDocument.Load(file).Root!.Elements("ViewDefinitions").Elements("View");

        Assert.Equal(
            View.Files.SelectMany(source => XDocument.Load(source).Root!.Elements("ViewDefinitions").Elements("View")).Select(Text).Order(StringComparer.Ordinal),
            packaged.Select(Text).Order(StringComparer.Ordinal));

        static string Text(XElement view) => view.ToString(SaveOptions.DisableFormatting);
    }

    [Fact]
    public void Views_are_all_that_a_format_file_holds() =>
        Assert.All(View.Files, file => Assert.All(
            XDocument.Load(file).Root!.Elements(),
            part => Assert.True(part.Name == "ViewDefinitions", $"{file}: the build takes views only, not {part.Name}")));

    [Fact]
    public void Cmdlets_are_in_alphabetical_order_and_named_once() =>
        Assert.Equal(ModuleManifest.Cmdlets.Distinct().Order(StringComparer.OrdinalIgnoreCase), ModuleManifest.Cmdlets);

    [Fact]
    public void Every_cmdlet_is_there_when_the_module_is_imported()
    {
        using var prompt = new Prompt();

        var names = prompt.Get("Get-Command -Module CiliumLab").Select(command => (string)command.Properties["Name"].Value);

        Assert.Equal(ModuleManifest.Cmdlets.Order(StringComparer.Ordinal), names.Order(StringComparer.Ordinal));
    }

    [Fact]
    public void Holds_no_file_that_the_build_did_not_put_there()
    {
        var folder = Path.GetDirectoryName(Repository.Module)!;
        string[] expected =
        [
            "CiliumLab.Model.dll", "CiliumLab.Model.pdb", "CiliumLab.PowerShell.dll", "CiliumLab.PowerShell.pdb",
            "CiliumLab.psd1", "LICENSE",
            .. ModuleManifest.Formats,
        ];

        Assert.Equal(expected.Order(StringComparer.Ordinal), Names(Directory.EnumerateFiles(folder)));
        Assert.Equal(["Dependencies", "en-US"], Names(Directory.EnumerateDirectories(folder)));

        static IEnumerable<string> Names(IEnumerable<string> paths) =>
            paths.Select(path => Path.GetFileName(path)).Order(StringComparer.Ordinal);
    }
}
