using System.Management.Automation;
using System.Management.Automation.Internal;
using CiliumLab.Engine.Text;
using CiliumLab.Model;
using CiliumLab.Tests.Cmdlets;

namespace CiliumLab.Tests.Module;

/// <summary>Every record that a cmdlet returns is shown as a table that fits 120 columns.</summary>
public sealed class ViewTests
{
    private const int Screen = 120;

    // What the formatter gives at least to a column without a width, in this project's views: the last one, for text.
    private const int LeastForText = 10;

    public static TheoryData<string> Records =>
    [
        .. ModuleManifest.Classes.Values
            .SelectMany(type => type.GetCustomAttributes(typeof(OutputTypeAttribute), inherit: true).Cast<OutputTypeAttribute>())
            .SelectMany(output => output.Type)
            .Select(type => type.Type)

            .Concat(FromText)
            .Where(type => type?.Namespace == typeof(LabNode).Namespace)
            .Select(type => type.FullName!)
            .Distinct(),
    ];

    // ConvertFrom-LabOutput returns what its parsers read, and records that are more than that.
    private static IEnumerable<Type> FromText
    {
        get
        {
            var read = Enum.GetValues<LabOutputKind>().Select(kind => LabOutputKinds.Parser(kind).Method.ReturnType.GetGenericArguments().Single()).ToHashSet();
            return typeof(LabNode).Assembly.ExportedTypes.Where(type => read.Contains(type) || (type.BaseType is { } above && above != typeof(object) && read.Contains(above)));
        }
    }

    public static TheoryData<string> Files => [.. View.All.Select(view => view.File).Distinct()];

    [Theory]
    [MemberData(nameof(Records))]
    public void A_record_has_a_table_of_its_own(string type)
    {
        var view = Assert.Single(View.All, view => view.TypeName == type && view.Tables.Any());

        Assert.Equal(type.Split('.')[^1] + ".format.ps1xml", view.File);
    }

    [Theory]
    [MemberData(nameof(Files))]
    public void A_table_leaves_room_for_its_last_column(string file)
    {
        foreach (var columns in View.All.Where(view => view.File == file).SelectMany(view => view.Tables))
        {
            Assert.All(columns.SkipLast(1), column => Assert.True(column.Width is not null, $"{column.Label} has no width"));
            Assert.All(
                columns,
                column => Assert.True(column.Width is null || column.Width >= column.Label.Length, $"{column.Label} is cut off"));
            var needed = columns.Sum(column => column.Width ?? Math.Max(LeastForText, column.Label.Length)) + columns.Count - 1;
            Assert.True(needed < Screen, $"{file} needs {needed} columns");
        }
    }

    [Theory]
    [MemberData(nameof(Files))]
    public void The_properties_of_a_view_exist(string file)
    {
        foreach (var view in View.All.Where(view => view.File == file))
        {
            var type = typeof(LabNode).Assembly.GetType(view.TypeName);
            Assert.True(type is not null, $"there is no {view.TypeName}");
            Assert.All(
                view.Element.Descendants("PropertyName"),
                property => Assert.True(type.GetProperty(property.Value) is not null, $"{type.Name} has no {property.Value}"));
        }
    }

    [Theory]
    [MemberData(nameof(Records))]
    public void An_object_is_shown_with_every_column_and_no_line_too_long(string name)
    {
        using var prompt = new Prompt();
        var item = SampleRecord.Of(typeof(LabNode).Assembly.GetType(name)!);

        var screen = new StringDecorated(prompt.Show("$args[0]", item)).ToString(OutputRendering.PlainText);

        var lines = screen.Split('\n', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries);
        Assert.All(lines, line => Assert.True(line.Length <= Screen, line));
        Assert.DoesNotContain("#ERR", screen, StringComparison.Ordinal);
        // What is told in sentences or a list has no columns.
        if (View.All.First(view => view.TypeName == name).Tables.FirstOrDefault() is not { } columns)
            return;
        var labels = columns.Select(column => column.Label).ToList();
        // A grouped table has its group's heading before the columns'.
        var header = lines.FirstOrDefault(line => line.StartsWith(labels.First(), StringComparison.Ordinal));
        Assert.True(header is not null, screen);
        Assert.All(labels, label => Assert.Contains(label, header, StringComparison.Ordinal));
    }
}
